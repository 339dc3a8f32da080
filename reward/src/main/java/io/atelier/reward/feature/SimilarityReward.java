package io.atelier.reward.feature;

import io.atelier.models.vision.Images;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Similarity of an image to the nearest reference of its prompt: {@code max over references r of
 * cos(v, v_r)}, -1 to 1. It is {@code sim} in equation 8 of Adv-GRPO (arXiv 2511.20256), {@code
 * lambda R + (1 - lambda) sim}, a sum of a rule R of weight lambda and this of weight 1 - lambda;
 * the nearest of several references as in the authors' published code. Absent for a prompt without
 * references.
 */
public final class SimilarityReward implements Reward {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "similarity";

  /** Number of values of cached reference vectors: 128 MiB. */
  private static final long KEPT = 32L << 20;

  private final FeatureVectors vectors;
  private final Function<Prompt, Optional<Images>> references;
  private final Map<Integer, float[][]> known = new LinkedHashMap<>(16, 0.75f, true);
  private long values;

  /**
   * @param vectors closed by its owner; may be shared with other rewards
   * @param references references of a prompt, by its index; empty if it has none
   */
  public SimilarityReward(FeatureVectors vectors, Function<Prompt, Optional<Images>> references) {
    this.vectors = vectors;
    this.references = references;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Outcome score(ImageGroup group) {
    Optional<float[][]> near = references(group.prompt());
    if (near.isEmpty()) {
      return new Absent("prompt \"%s\" has no references".formatted(group.prompt().text()));
    }
    float[][] images = vectors.of(group.images());
    float[] scores = new float[images.length];
    for (int n = 0; n < scores.length; n++) {
      float[] image = images[n];
      scores[n] =
          (float)
              Arrays.stream(near.get())
                  .mapToDouble(reference -> FeatureVectors.dot(image, reference))
                  .max()
                  .orElseThrow();
    }
    return new Scored(scores, Map.of());
  }

  private Optional<float[][]> references(Prompt prompt) {
    float[][] found = known.get(prompt.index());
    if (found == null) {
      Optional<Images> own = references.apply(prompt);
      if (own.isEmpty()) {
        return Optional.empty();
      }
      found = vectors.encoded(own.get());
      values += values(found);
      forget();
      known.put(prompt.index(), found);
    }
    return Optional.of(found);
  }

  /** Evicts the least recently used vectors until there is room. */
  private void forget() {
    Iterator<float[][]> oldestFirst = known.values().iterator();
    while (values > KEPT && oldestFirst.hasNext()) {
      values -= values(oldestFirst.next());
      oldestFirst.remove();
    }
  }

  private static long values(float[][] vectors) {
    return (long) vectors.length * vectors[0].length;
  }
}
