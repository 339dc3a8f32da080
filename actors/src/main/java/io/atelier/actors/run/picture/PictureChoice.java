package io.atelier.actors.run.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One image of a step whose picture is kept.
 *
 * @param group place of its group in the step
 * @param image place of the image in the group
 * @param why what it is kept for; of two reasons the first
 */
record PictureChoice(int group, int image, Why why) {

  /** What an image is kept for. */
  enum Why {
    /** It has the highest reward of its group. */
    BEST,
    /** It has the lowest. */
    WORST,
    /** All images of its group are kept. */
    GROUP;

    /** As it is written. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The best and the worst image of each group, and all of {@code whole} groups, others in each
   * step: those after the last ones of the step before.
   *
   * @param step from 1
   * @param rewards of each group
   */
  static List<PictureChoice> of(int step, List<float[]> rewards, int whole) {
    int groups = rewards.size();
    Set<Integer> shown =
        IntStream.range(0, Math.min(whole, groups))
            .mapToObj(i -> (int) (((long) (step - 1) * whole + i) % groups))
            .collect(Collectors.toSet());
    List<PictureChoice> choices = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      float[] own = rewards.get(g);
      int best = 0;
      int worst = 0;
      for (int i = 1; i < own.length; i++) {
        best = own[i] > own[best] ? i : best;
        worst = own[i] < own[worst] ? i : worst;
      }
      for (int i = 0; i < own.length; i++) {
        if (i == best) {
          choices.add(new PictureChoice(g, i, Why.BEST));
        } else if (i == worst) {
          choices.add(new PictureChoice(g, i, Why.WORST));
        } else if (shown.contains(g)) {
          choices.add(new PictureChoice(g, i, Why.GROUP));
        }
      }
    }
    return choices;
  }
}
