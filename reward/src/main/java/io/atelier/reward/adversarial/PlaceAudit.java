package io.atelier.reward.adversarial;

import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tests whether a discriminator's place scores respond to those places: one quadrant of each
 * sampled reference image is blurred, and the ranking of the places is compared with where that
 * was. A place counts as damaged if a pixel in it changed: a blank corner does not change.
 *
 * @param images number of images used
 * @param damaged share of the places that were damaged, above 0
 * @param auroc probability that a damaged place has a lower score than an undamaged one, each minus
 *     the mean score of its image, ties counted half; 1 is perfect, one half is chance
 * @param undamaged the same for the images before damage: the part due to where references are
 *     blank. One half on average if nothing is blank
 * @param change the same for the change of the scores by the damage
 * @param maps {@code auroc} for each of the discriminator's maps alone
 */
public record PlaceAudit(
    int images,
    double damaged,
    double auroc,
    double undamaged,
    double change,
    SortedMap<String, Double> maps) {

  /** Image width to which the standard deviation of a blur refers. */
  private static final double WIDTH = 64;

  /**
   * Audits a discriminator whose weights are loaded.
   *
   * @param references at least one
   * @param most number of images used, drawn without replacement if there are more
   * @param blur standard deviation of the blur, in pixels of an image 64 pixels wide, above 0
   * @param seed seed of the choice of images and quadrants
   * @throws IllegalArgumentException if the damage changes no place, or all
   */
  public static PlaceAudit of(
      DiscriminatorReward reward, ImageSource references, int most, double blur, long seed) {
    GroupNoise noise = new GroupNoise(seed);
    int[] order = noise.stream(Purpose.CRITIC_SCORE, 0).permutation(references.count());
    int count = Math.min(most, order.length);
    SortedMap<String, float[]> before = new TreeMap<>();
    SortedMap<String, float[]> after = new TreeMap<>();
    boolean[] changed = new boolean[count * PlaceGrid.COUNT];
    for (int n = 0; n < count; n++) {
      Images clean = references.get(order[n]);
      RandomStream random = noise.stream(Purpose.CRITIC_SCORE, new GroupId(1, n));
      Images blurred = blurred(clean, random.nextInt(4), blur, random);
      mark(clean, blurred, changed, n * PlaceGrid.COUNT);
      put(reward.places(clean), before, n, count);
      put(reward.places(blurred), after, n, count);
    }
    int hit = 0;
    for (boolean own : changed) {
      hit += own ? 1 : 0;
    }
    if (hit == 0 || hit == changed.length) {
      throw new IllegalArgumentException(
          "a blur of %s changed %d of %d places of the references, so there is nothing to compare; use another blur"
              .formatted(blur, hit, changed.length));
    }
    float[] scores = PlaceScores.mean(after);
    float[] clean = PlaceScores.mean(before);
    SortedMap<String, Double> maps = new TreeMap<>();
    after.forEach((map, own) -> maps.put(map, auroc(centred(own), changed)));
    float[] change = scores.clone();
    for (int i = 0; i < change.length; i++) {
      change[i] -= clean[i];
    }
    return new PlaceAudit(
        count,
        (double) hit / changed.length,
        auroc(centred(scores), changed),
        auroc(centred(clean), changed),
        auroc(centred(change), changed),
        maps);
  }

  private static void put(
      SortedMap<String, float[]> own, SortedMap<String, float[]> all, int image, int images) {
    own.forEach(
        (map, scores) ->
            System.arraycopy(
                scores,
                0,
                all.computeIfAbsent(map, name -> new float[images * PlaceGrid.COUNT]),
                image * PlaceGrid.COUNT,
                PlaceGrid.COUNT));
  }

  /**
   * @param quadrant 0 to 3, row by row
   */
  static Images blurred(Images image, int quadrant, double blur, RandomStream random) {
    Images whole = Augmentation.of(image, blur * image.width() / WIDTH, 0, random);
    byte[] rgb = image.rgb().clone();
    int fromRow = quadrant / 2 * (image.height() / 2);
    int toRow = quadrant / 2 == 0 ? image.height() / 2 : image.height();
    int fromColumn = quadrant % 2 * (image.width() / 2);
    int toColumn = quadrant % 2 == 0 ? image.width() / 2 : image.width();
    for (int row = fromRow; row < toRow; row++) {
      int from = 3 * (row * image.width() + fromColumn);
      System.arraycopy(whole.rgb(), from, rgb, from, 3 * (toColumn - fromColumn));
    }
    return new Images(1, image.height(), image.width(), rgb);
  }

  /** Marks the places of an image in which a pixel changed. */
  private static void mark(Images clean, Images other, boolean[] changed, int from) {
    int[] places = PlaceGrid.of(clean.height(), clean.width());
    for (int i = 0; i < clean.rgb().length; i++) {
      if (clean.rgb()[i] != other.rgb()[i]) {
        changed[from + places[i / 3]] = true;
      }
    }
  }

  /** Subtracts the mean of each image. */
  static float[] centred(float[] scores) {
    float[] centred = scores.clone();
    for (int from = 0; from < scores.length; from += PlaceGrid.COUNT) {
      double sum = 0;
      for (int p = 0; p < PlaceGrid.COUNT; p++) {
        sum += scores[from + p];
      }
      for (int p = 0; p < PlaceGrid.COUNT; p++) {
        centred[from + p] = (float) (scores[from + p] - sum / PlaceGrid.COUNT);
      }
    }
    return centred;
  }

  /**
   * Returns the probability that a damaged place has a lower score than an undamaged one, ties
   * counted half.
   */
  static double auroc(float[] scores, boolean[] damaged) {
    float[] sound = only(scores, damaged, false);
    return Health.of(sound, only(scores, damaged, true)).auc();
  }

  private static float[] only(float[] scores, boolean[] damaged, boolean wanted) {
    List<Float> kept = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      if (damaged[i] == wanted) {
        kept.add(scores[i]);
      }
    }
    float[] values = new float[kept.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = kept.get(i);
    }
    return values;
  }
}
