package io.atelier.actors.run.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An image of a step whose picture is kept.
 *
 * @param group index of its group in the step
 * @param image index of the image in the group
 * @param why why it is kept; the first of several reasons
 */
record PictureChoice(int group, int image, Why why) {

  /** Why an image is kept. */
  enum Why {
    /** It has the highest reward of its group. */
    BEST,
    /** It has the lowest reward of its group. */
    WORST,
    /** All images of its group are kept. */
    GROUP;

    /** Spelling in the file. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Chooses the best and the worst image of each group, and all of {@code whole} groups, which
   * rotate from step to step.
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
