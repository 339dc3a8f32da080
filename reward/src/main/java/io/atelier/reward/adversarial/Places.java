package io.atelier.reward.adversarial;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.stream.IntStream;

/** Selects the places of a map that are judged. */
public interface Places {

  /**
   * @param map name of the map
   * @param images number of images
   * @param all number of places of the map
   * @return for each image the same number of places, each 0 to {@code all - 1}
   */
  int[][] of(String map, int images, int all);

  /** Selects every place once. */
  static Places every() {
    return (map, images, all) -> {
      int[] row = IntStream.range(0, all).toArray();
      return IntStream.range(0, images).mapToObj(n -> row).toArray(int[][]::new);
    };
  }

  /** Selects the places by which a group is scored, the same for all of its images. */
  static Places scored(DiscriminatorConfig config, GroupNoise noise, GroupId group) {
    return config.scorePlaces() == 0
        ? every()
        : drawnOnce(config.scorePlaces(), noise.stream(Purpose.CRITIC_SCORE, group));
  }

  /** Draws {@code count} places with replacement, separately for each image. */
  static Places drawn(int count, RandomStream random) {
    return (map, images, all) ->
        IntStream.range(0, images)
            .mapToObj(n -> IntStream.range(0, count).map(k -> random.nextInt(all)).toArray())
            .toArray(int[][]::new);
  }

  /** Draws {@code count} places with replacement, the same for all images. */
  static Places drawnOnce(int count, RandomStream random) {
    return (map, images, all) -> {
      int[] row = IntStream.range(0, count).map(k -> random.nextInt(all)).toArray();
      return IntStream.range(0, images).mapToObj(n -> row).toArray(int[][]::new);
    };
  }
}
