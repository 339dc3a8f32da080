package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnatomyTest {

  @Test
  void shouldShareOutTheWayInItsOrder() {
    List<Anatomy.Part> parts =
        Anatomy.parts(
            List.of(
                Map.of("train", 1.0, "generate", 2.0, "unheard-of", 99.0),
                Map.of("train", 2.0, "generate", 3.0)));
    assertEquals(
        List.of(new Anatomy.Part("generate", 2.5, 0.625), new Anatomy.Part("train", 1.5, 0.375)),
        parts);
  }

  @Test
  void shouldNameWhatGroupsWaitForIfTheyWaitMuch() {
    assertEquals(
        Optional.of("a group waits 50% of its 10.0 s, most of that for a reward worker (40%)"),
        sentence(Map.of("queue", 1.0, "generate", 3.0, "hold", 4.0, "train", 2.0)));
  }

  @Test
  void shouldNameWhatTakesLongestIfTheyWaitLittle() {
    assertEquals(
        Optional.of("most of a group's 10.0 s is sampling (60%); it waits 10% of the time"),
        sentence(Map.of("queue", 1.0, "generate", 6.0, "score", 3.0)));
  }

  @Test
  void shouldSayNothingOfWhatIsNotKnown() {
    assertEquals(Optional.empty(), Anatomy.sentence(Anatomy.parts(List.of())));
    assertEquals(Optional.empty(), sentence(Map.of("queue", 0.0)));
    assertEquals(Optional.empty(), sentence(Map.of("of another program", 3.0)));
  }

  private static Optional<String> sentence(Map<String, Double> group) {
    return Anatomy.sentence(Anatomy.parts(List.of(group)));
  }
}
