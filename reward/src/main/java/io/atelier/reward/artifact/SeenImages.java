package io.atelier.reward.artifact;

import io.atelier.reward.adversarial.FeatureBatch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Images as a head sees them, and as other rewards score them.
 *
 * @param features of the images
 * @param scores of the images by other rewards, by their names
 */
public record SeenImages(FeatureBatch features, Map<String, float[]> scores) {

  /** The images of all {@code parts}, of which there is at least one, one after the other. */
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

  /** The images at {@code places}, in that order. */
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
