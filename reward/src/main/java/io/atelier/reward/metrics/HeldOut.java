package io.atelier.reward.metrics;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.MapStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;

/**
 * Measures samples against reference images through an encoder that no reward uses. The statistics
 * of the references are computed once, at construction. Not thread-safe: one compute thread owns it
 * and its encoder.
 */
public final class HeldOut implements AutoCloseable {

  /**
   * Features for the measures.
   *
   * @param pool the encoder's vectors of whole images, concatenated
   * @param mid spatial mean and standard deviation of its maps, concatenated
   */
  public record Features(FeatureMatrix pool, FeatureMatrix mid) {

    /** Returns the features of the given images, in that order. */
    public Features select(List<Integer> images) {
      return new Features(pool.select(images), mid.select(images));
    }
  }

  /**
   * Largest number of images whose maps are in memory at once; the maps are a hundred times larger
   * than the kept features.
   */
  private static final int AT_ONCE = 256;

  private final Encoder encoder;
  private final Kid reference;
  private final Kid referenceRaw;
  private final Optional<Features> base;
  private final Optional<StyleJudge> judge;
  private final double[] centre;

  /** Takes ownership of the encoder. */
  public HeldOut(Encoder encoder, HeldOutReferences references) {
    this.encoder = encoder;
    this.reference = kid(references.passed(), references.prompts());
    this.referenceRaw = kid(references.raw(), references.prompts());
    this.base = references.base();
    this.judge = references.styles().map(StyleJudge::of);
    this.centre = references.passed().mid().mean();
  }

  private static Kid kid(Features references, List<Integer> prompts) {
    return prompts.isEmpty()
        ? new Kid(references.pool())
        : Kid.matched(references.pool(), prompts.stream().mapToInt(i -> i).toArray());
  }

  /** Computes the features for the measures: about 8 ms per image on one core. */
  public static Features features(Encoder encoder, ImageSource images) {
    return features(encoder, images, more -> {});
  }

  /**
   * The same, with progress.
   *
   * @param done called after each batch with its number of images
   */
  public static Features features(Encoder encoder, ImageSource images, IntConsumer done) {
    List<FeatureMatrix> pool = new ArrayList<>();
    List<FeatureMatrix> mid = new ArrayList<>();
    int atOnce = Math.min(AT_ONCE, images.together());
    for (int from = 0; from < images.count(); from += atOnce) {
      int to = Math.min(images.count(), from + atOnce);
      Map<String, Encoder.Feature> outputs = encoder.encode(images.slice(from, to));
      pool.add(beside(encoder.vectors(), outputs::get));
      mid.add(beside(encoder.maps(), name -> MapStatistics.meanStd(outputs.get(name))));
      done.accept(to - from);
    }
    return new Features(FeatureMatrix.under(pool), FeatureMatrix.under(mid));
  }

  private static FeatureMatrix beside(List<String> names, Function<String, Encoder.Feature> of) {
    return FeatureMatrix.beside(names.stream().map(of).toArray(Encoder.Feature[]::new));
  }

  /**
   * Measures samples.
   *
   * @param samples generated images, group by group; several concepts
   * @param concepts the concept that each sample should show; ignored unless the references are one
   *     of several styles
   * @param groupSize samples of each prompt, which are consecutive
   */
  public HeldOutScores score(Images samples, List<Integer> concepts, int groupSize) {
    if (concepts.size() != samples.count()) {
      throw new IllegalArgumentException(
          "%d samples but %d concepts".formatted(samples.count(), concepts.size()));
    }
    return score(look(samples), concepts, groupSize);
  }

  /** Computes the features of samples. */
  public Features look(Images samples) {
    return features(encoder, samples);
  }

  /** Measures samples by their features, like {@link #score(Images, List, int)}. */
  public HeldOutScores score(Features samples, List<Integer> concepts, int groupSize) {
    int prompts = samples.pool().rows() / groupSize;
    return new HeldOutScores(
        reference.of(samples.pool(), groupSize),
        referenceRaw.of(samples.pool(), groupSize),
        measure(
            base,
            b -> Kid.matched(b.pool(), b.pool().rows() / prompts).of(samples.pool(), groupSize)),
        measure(judge, styles -> styles.share(samples.mid())),
        measure(judge, styles -> styles.gallery().topOne(samples.mid(), concepts)),
        groupSize == 1 ? OptionalDouble.empty() : OptionalDouble.of(diversity(samples, groupSize)));
  }

  /**
   * Returns the mean cosine distance between the samples of a prompt, 0 to 2.
   *
   * @param groupSize samples of each prompt, which are consecutive, at least 2
   */
  double diversity(Features samples, int groupSize) {
    return diversity(samples.mid(), centre, groupSize);
  }

  private static <T> OptionalDouble measure(Optional<T> tool, ToDoubleFunction<T> by) {
    return tool.map(t -> OptionalDouble.of(by.applyAsDouble(t))).orElse(OptionalDouble.empty());
  }

  /**
   * Returns the mean over groups and pairs of {@code 1 - cosine} of features minus {@code centre}.
   *
   * @param features rows, group by group
   * @param groupSize rows of one group, at least 2; must divide the rows
   */
  static double diversity(FeatureMatrix features, double[] centre, int groupSize) {
    if (groupSize < 2 || features.rows() % groupSize != 0) {
      throw new IllegalArgumentException(
          "%d samples cannot be split into groups of %d; use a divisor of at least 2"
              .formatted(features.rows(), groupSize));
    }
    FeatureMatrix directions = features.directions(centre);
    double sum = 0;
    for (int from = 0; from < features.rows(); from += groupSize) {
      FeatureMatrix group = directions.slice(from, from + groupSize);
      float[] cosines = group.dots(group);
      for (int i = 0; i < groupSize; i++) {
        for (int j = 0; j < i; j++) {
          sum += 1 - cosines[i * groupSize + j];
        }
      }
    }
    double pairs = (double) features.rows() / groupSize * groupSize * (groupSize - 1) / 2;
    return sum / pairs;
  }

  @Override
  public void close() {
    encoder.close();
  }
}
