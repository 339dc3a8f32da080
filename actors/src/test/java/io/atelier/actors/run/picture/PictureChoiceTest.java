package io.atelier.actors.run.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.run.picture.PictureChoice.Why;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PictureChoiceTest {

  private static final List<float[]> REWARDS =
      List.of(new float[] {0, 2, 1, -1}, new float[] {5, 5, 5}, new float[] {3, 1, 2});

  private static PictureChoice choice(int group, int image, Why why) {
    return new PictureChoice(group, image, why);
  }

  @Test
  void shouldTakeTheBestAndTheWorstOfEachGroup() {
    assertEquals(
        List.of(
            choice(0, 1, Why.BEST),
            choice(0, 3, Why.WORST),
            choice(1, 0, Why.BEST), // all have one reward
            choice(2, 0, Why.BEST),
            choice(2, 1, Why.WORST)),
        PictureChoice.of(1, REWARDS, 0));
  }

  @Test
  void shouldTakeAllImagesOfSomeGroups() {
    assertEquals(
        List.of(
            choice(0, 0, Why.GROUP),
            choice(0, 1, Why.BEST),
            choice(0, 2, Why.GROUP),
            choice(0, 3, Why.WORST),
            choice(1, 0, Why.BEST),
            choice(2, 0, Why.BEST),
            choice(2, 1, Why.WORST)),
        PictureChoice.of(1, REWARDS, 1));
    assertEquals(10, PictureChoice.of(7, REWARDS, 4).size(), "of no more groups than there are");
  }

  @Test
  void shouldTakeOtherGroupsInEachStep() {
    List<float[]> groups = IntStream.range(0, 5).mapToObj(g -> new float[] {0, 1, 0.5f}).toList();
    List<List<Integer>> whole =
        IntStream.rangeClosed(1, 4)
            .mapToObj(
                step ->
                    PictureChoice.of(step, groups, 2).stream()
                        .filter(choice -> choice.why() == Why.GROUP)
                        .map(PictureChoice::group)
                        .toList())
            .toList();
    assertEquals(List.of(List.of(0, 1), List.of(2, 3), List.of(0, 4), List.of(1, 2)), whole);
  }
}
