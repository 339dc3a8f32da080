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
 * Measures samples against reference images through an encoder that no reward uses. Everything
 * about the references is worked out once, here. Not thread-safe: one compute thread owns it, and
 * the encoder with it.
 */
public final class HeldOut implements AutoCloseable {

  /**
   * What the measures look at.
   *
   * @param pool the encoder's vectors of whole images, side by side
   * @param mid mean and deviation over space of its maps, side by side
   */
  public record Features(FeatureMatrix pool, FeatureMatrix mid) {

    /** Those of some of the images, in this order. */
    public Features select(List<Integer> images) {
      return new Features(pool.select(images), mid.select(images));
    }
  }

  /**
   * Most images whose maps are in memory at once; they are a hundred times what is kept of them.
   */
  private static final int AT_ONCE = 256;

  private final Encoder encoder;
  private final Kid reference;
  private final Kid referenceRaw;
  private final Optional<Features> base;
  private final Optional<StyleJudge> judge;
  private final double[] centre;

  /** Takes the encoder over. */
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

  /** What the measures look at, for a set of images: about 8 ms an image on one core. */
  public static Features features(Encoder encoder, ImageSource images) {
    return features(encoder, images, more -> {});
  }

  /**
   * The same.
   *
   * @param done told after each batch how many images more have been looked at
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
   * @param samples generated images, group after group; several concepts
   * @param concepts the concept that each sample was asked to show; of no account where the
   *     references are not one of several styles
   * @param groupSize samples of one prompt, which follow each other
   */
  public HeldOutScores score(Images samples, List<Integer> concepts, int groupSize) {
    if (concepts.size() != samples.count()) {
      throw new IllegalArgumentException(
          "%d samples but %d concepts".formatted(samples.count(), concepts.size()));
    }
    return score(look(samples), concepts, groupSize);
  }

  /** What the measures look at, for samples. */
  public Features look(Images samples) {
    return features(encoder, samples);
  }

  /** Measures samples that were looked at, as {@link #score(Images, List, int)} does. */
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
   * Mean cosine distance between the samples of a prompt, 0 to 2.
   *
   * @param groupSize samples of one prompt, which follow each other, at least 2
   */
  double diversity(Features samples, int groupSize) {
    return diversity(samples.mid(), centre, groupSize);
  }

  private static <T> OptionalDouble measure(Optional<T> tool, ToDoubleFunction<T> by) {
    return tool.map(t -> OptionalDouble.of(by.applyAsDouble(t))).orElse(OptionalDouble.empty());
  }

  /**
   * Mean over groups and pairs of 1 - cosine of features less {@code centre}.
   *
   * @param features rows group after group
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
