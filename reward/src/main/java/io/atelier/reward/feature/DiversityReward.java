package io.atelier.reward.feature;

import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Arrays;
import java.util.Map;

/**
 * How far an image is from the others of its group, as GARDO (arXiv 2512.24138) weighs advantages:
 * {@code d_i / mean(d)} with {@code d_i = 1 - max over j != i of cos(v_i, v_j)}. 1 on average, and
 * for every image of a group of equal ones. The distances d, 0 to 2, are reported as the part
 * {@code distance}, which says how diverse groups are.
 *
 * <p>Added up it is a reward for being unlike the others. GARDO multiplies the advantages of images
 * that are no worse than the mean by it, which a graph can do with {@code gate} and {@code
 * product}.
 */
public final class DiversityReward implements Reward {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "diversity";

  private final FeatureVectors vectors;

  /**
   * @param vectors stays its owner's to close; other rewards may use it as well
   */
  public DiversityReward(FeatureVectors vectors) {
    this.vectors = vectors;
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * @throws IllegalArgumentException if the group has one image, which is far from no other
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
      distances[i] = Math.max(0, 1 - nearest); // rounding may take a cosine above 1
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
