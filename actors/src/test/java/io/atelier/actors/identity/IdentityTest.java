package io.atelier.actors.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.identity.Identity.Part;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IdentityTest {

  private static Identity of(Map<String, String> configuration, Map<String, Part> parts) {
    return new Identity(new TreeMap<>(configuration), new TreeMap<>(parts));
  }

  private static Part folder(String source, int count) {
    SortedMap<String, String> files = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      files.put(i + ".png", "hash " + i);
    }
    return Part.of(source, files);
  }

  @Test
  void shouldBeTheSameWhereverItLies() {
    Identity here = of(Map.of("a", "1"), Map.of("references", folder("/here", 3)));
    Identity there = of(Map.of("a", "1"), Map.of("references", folder("/there", 3)));
    assertEquals(here.fingerprint(), there.fingerprint());
    assertEquals(List.of(), here.differences(there, "was"));
    assertTrue(here.fingerprint().matches("[0-9a-f]{16}"), here.fingerprint());
  }

  @Test
  void shouldNameKeysAndPartsAndCountTheRest() {
    Identity before =
        of(Map.of("a", "1", "b", "1", "gone", "1"), Map.of("model", Part.named("/m", "one")));
    Identity now =
        of(Map.of("a", "1", "b", "2", "new", "1"), Map.of("prompts", Part.named("/p", "two")));
    assertNotEquals(before.fingerprint(), now.fingerprint());
    assertEquals(
        List.of(
            "configuration: b is 2, was 1, gone is unknown here, was 1, new is 1, was none",
            "model: none, was /m (7692c3ad)",
            "prompts: /p (3fc4ccfe), was none"),
        now.differences(before, "was"));
    Identity many = of(Map.of(), Map.of("references", folder("/r", 9)));
    Identity few = of(Map.of(), Map.of("references", folder("/r", 4)));
    assertTrue(
        few.differences(many, "the run has")
            .get(0)
            .contains("where 4.png is missing, 5.png is missing, 6.png is missing and 2 more, the"),
        () -> few.differences(many, "the run has").toString());
  }

  /** A value must not pass for the end of its line and another one. */
  @Test
  void shouldTellValuesFromLines() {
    assertNotEquals(
        of(Map.of("a", "1\nb=2"), Map.of()).fingerprint(),
        of(Map.of("a", "1", "b", "2"), Map.of()).fingerprint());
    assertNotEquals(
        of(Map.of("a", "1\\nb=2"), Map.of()).fingerprint(),
        of(Map.of("a", "1\nb=2"), Map.of()).fingerprint());
  }

  @Test
  void shouldStaySmallOnTheWayAndBeTheSame() {
    Identity large = of(Map.of(), Map.of("references", folder("/r", 5_000)));
    assertTrue(large.brief().parts().get("references").files().isEmpty());
    assertEquals(large.fingerprint(), large.brief().fingerprint());
    assertEquals(List.of(), large.differences(large.brief(), "was"));
  }
}
