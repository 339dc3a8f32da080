package io.atelier.reward.artifact;

import io.atelier.reward.adversarial.FeatureBatch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Features of images for a head, and their scores by other rewards.
 *
 * @param features features of the images
 * @param scores scores of the images by other rewards, by name
 */
public record SeenImages(FeatureBatch features, Map<String, float[]> scores) {

  /** Concatenates {@code parts}, at least one. */
  public static SeenImages concat(List<SeenImages> parts) {
    FeatureBatch features = FeatureBatch.concat(parts.stream().map(SeenImages::features).toList());
    return new SeenImages(
        features,
        scores(
            parts.get(0),
            name -> {
              float[] all = new float[features.count()];
              int at = 0;
              for (SeenImages part : parts) {
                float[] own = part.scores.get(name);
                System.arraycopy(own, 0, all, at, own.length);
                at += own.length;
              }
              return all;
            }));
  }

  /** Returns the images at {@code places}, in that order. */
  public SeenImages select(int[] places) {
    return new SeenImages(
        features.select(places),
        scores(
            this,
            name -> {
              float[] chosen = new float[places.length];
              for (int i = 0; i < places.length; i++) {
                chosen[i] = scores.get(name)[places[i]];
              }
              return chosen;
            }));
  }

  private static Map<String, float[]> scores(SeenImages like, Function<String, float[]> values) {
    Map<String, float[]> scores = new TreeMap<>();
    like.scores.keySet().forEach(name -> scores.put(name, values.apply(name)));
    return scores;
  }
}
