package io.atelier.reward.feature;

import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Arrays;
import java.util.Map;

/**
 * Distance of an image from the others of its group, by which GARDO (arXiv 2512.24138) weights
 * advantages: {@code d_i / mean(d)} with {@code d_i = 1 - max over j != i of cos(v_i, v_j)}. It is
 * 1 on average, and 1 for every image if all are equal. v are unit vectors of {@link
 * FeatureVectors}. The distances d, 0 to 2, are reported as the part {@code distance}, a measure of
 * the diversity of groups.
 *
 * <p>In a sum it rewards being unlike the others. GARDO instead multiplies the advantages of images
 * that are no worse than the mean by it, which a graph can do with {@code gate} and {@code
 * product}.
 */
public final class DiversityReward implements Reward {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "diversity";

  private final FeatureVectors vectors;

  /**
   * @param vectors closed by its owner; may be shared with other rewards
   */
  public DiversityReward(FeatureVectors vectors) {
    this.vectors = vectors;
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * @throws IllegalArgumentException if the group has only one image
   */
  @Override
  public Outcome score(ImageGroup group) {
    float[][] images = vectors.of(group.images());
    if (images.length == 1) {
      throw new IllegalArgumentException("a group of one image has no diversity");
    }
    double[] distances = new double[images.length];
    for (int i = 0; i < images.length; i++) {
      double nearest = -1;
      for (int j = 0; j < images.length; j++) {
        if (j != i) {
          nearest = Math.max(nearest, FeatureVectors.dot(images[i], images[j]));
        }
      }
      distances[i] = Math.max(0, 1 - nearest); // rounding may give a cosine above 1
    }
    double mean = Arrays.stream(distances).sum() / distances.length;
    float[] relative = new float[distances.length];
    float[] absolute = new float[distances.length];
    for (int i = 0; i < distances.length; i++) {
      relative[i] = mean == 0 ? 1 : (float) (distances[i] / mean);
      absolute[i] = (float) distances[i];
    }
    return new Scored(relative, Map.of("distance", absolute));
  }
}
