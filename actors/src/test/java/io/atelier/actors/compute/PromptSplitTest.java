package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class PromptSplitTest {

  @TempDir private Path folder;

  private static List<Prompt> prompts(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Prompt(i, "prompt " + i)).toList();
  }

  private static PromptSplit split(int count, String share, int most) {
    return PromptSplit.hashed(prompts(count), new HeldOutShare(share), most);
  }

  private static Set<String> texts(List<Prompt> prompts) {
    return prompts.stream().map(Prompt::text).collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource({
    "19, auto, 100, 19, 19, true",
    "20, auto, 100, 18, 2, false",
    "5000, auto, 100, 4900, 100, false",
    "50, 0, 20, 50, 20, true",
    "50, 7, 100, 43, 7, false",
    "50, 7, 3, 43, 3, false",
    "50, 0.5, 100, 25, 25, false",
    "50, 0.1, 100, 45, 5, false"
  })
  void shouldHoldOutSoMany(
      int count, String share, int most, int trained, int measured, boolean overlap) {
    PromptSplit split = split(count, share, most);
    assertEquals(trained, split.trained().size());
    assertEquals(measured, split.measured().size());
    assertEquals(overlap, split.overlap());
    assertEquals(!overlap, Collections.disjoint(texts(split.trained()), texts(split.measured())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "50", "60", "0.001", "0.999"})
  void shouldRefuseWhatLeavesNothingToTrainOrMeasureOn(String share) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> split(50, share, 10)).getMessage();
    assertTrue(message.startsWith("data.held-out is " + share), message);
  }

  @Test
  void shouldSayThatSomeAreNeitherTrainedNorMeasuredOn() {
    Logger log = (Logger) LoggerFactory.getLogger(PromptSplit.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      split(50, "12", 12);
      split(50, "auto", 2);
      assertEquals(0, logged.list.size(), logged.list::toString);
      split(50, "12", 5);
      assertEquals(1, logged.list.size());
      assertTrue(
          logged.list.get(0).getFormattedMessage().contains("12 prompts are held out, of which 5"));
    } finally {
      log.detachAppender(logged);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "1e10", "", " ", "5%", "0.5 %"})
  void shouldRefuseWhatIsNoShare(String share) {
    assertThrows(IllegalArgumentException.class, () -> new HeldOutShare(share));
  }

  @Test
  void shouldHoldOutTheSameWhateverTheOrderAndNearlyTheSameOfMore() {
    List<Prompt> turned = new ArrayList<>(prompts(200));
    Collections.reverse(turned);
    HeldOutShare share = new HeldOutShare("20");
    Set<String> held = texts(split(200, "20", 100).measured());
    assertEquals(held, texts(PromptSplit.hashed(turned, share, 100).measured()));
    Set<String> ofMore = texts(split(210, "20", 100).measured());
    ofMore.retainAll(held);
    assertTrue(ofMore.size() >= 15, "only " + ofMore.size() + " of 20 stayed");
  }

  @Test
  void shouldKeepPromptsOfTheSameTextOnOneSide() {
    List<Prompt> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(new Prompt(i, "prompt " + i / 2, "{\"n\":%d}".formatted(i)));
    }
    PromptSplit split = PromptSplit.hashed(all, new HeldOutShare("9"), 100);
    assertEquals(10, split.measured().size());
    assertTrue(Collections.disjoint(texts(split.trained()), texts(split.measured())));
  }

  @Test
  void shouldMeasureOnAFileOfItsOwn() throws IOException {
    Path file = Files.writeString(folder.resolve("test.txt"), "new\nprompt 3\nother\n");
    PromptSplit split = split(10, file.toString(), 100);
    assertEquals(
        List.of("new", "prompt 3", "other"), split.measured().stream().map(Prompt::text).toList());
    assertEquals(9, split.trained().size(), "one is in both");
    assertFalse(texts(split.trained()).contains("prompt 3"));
    assertFalse(split.overlap());
    Set<Integer> numbers = split.trained().stream().map(Prompt::index).collect(Collectors.toSet());
    assertTrue(split.measured().stream().noneMatch(p -> numbers.contains(p.index())));
    Files.writeString(file, "prompt 0\nprompt 1\n");
    String message =
        assertThrows(IllegalArgumentException.class, () -> split(2, file.toString(), 10))
            .getMessage();
    assertTrue(message.contains("test.txt has all prompts of data.prompts"), message);
  }
}
