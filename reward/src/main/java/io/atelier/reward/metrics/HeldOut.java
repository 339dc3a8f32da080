package io.atelier.reward.metrics;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.MapStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Measures samples against reference images through an encoder that no reward uses. Everything
 * about the references is worked out once, here. Not thread-safe: one compute thread owns it, and
 * the encoder with it.
 */
public final class HeldOut implements AutoCloseable {

  /**
   * What the measures look at.
   *
   * @param pool output {@code pool} of the encoder
   * @param mid mean and deviation over space of its outputs {@code low} and {@code mid}
   */
  public record Features(FeatureMatrix pool, FeatureMatrix mid) {}

  private final Encoder encoder;
  private final Kid reference;
  private final Kid referenceRaw;
  private final Optional<Kid> base;
  private final StyleProbe probe;
  private final int targetClass;
  private final double probeAccuracy;
  private final Retrieval retrieval;
  private final double[] galleryMean;

  /** Takes the encoder over. */
  public HeldOut(Encoder encoder, HeldOutReferences references) {
    this.encoder = encoder;
    Features target = references.passed().get(references.target());
    List<FeatureMatrix> styles = references.passed().values().stream().map(Features::mid).toList();
    this.reference = new Kid(target.pool());
    this.referenceRaw = new Kid(references.raw().pool());
    this.base = references.base().map(features -> new Kid(features.pool()));
    this.probe =
        StyleProbe.fit(styles.stream().map(s -> s.select(references.probeConcepts())).toList());
    this.targetClass = List.copyOf(references.passed().keySet()).indexOf(references.target());
    this.probeAccuracy = accuracy(probe, styles, references.probeConcepts());
    this.retrieval = new Retrieval(target.mid());
    this.galleryMean = target.mid().mean();
  }

  private static double accuracy(
      StyleProbe probe, List<FeatureMatrix> styles, List<Integer> fitted) {
    List<Integer> rest = new ArrayList<>(IntStream.range(0, styles.get(0).rows()).boxed().toList());
    rest.removeAll(fitted);
    double sum = 0;
    for (int k = 0; k < styles.size(); k++) {
      sum += probe.share(styles.get(k).select(rest), k);
    }
    return sum / styles.size();
  }

  /** What the measures look at, for a set of images: about 8 ms an image on one core. */
  public static Features features(Encoder encoder, Images images) {
    Map<String, Encoder.Feature> outputs = encoder.encode(images);
    return new Features(
        FeatureMatrix.beside(outputs.get("pool")),
        FeatureMatrix.beside(
            MapStatistics.meanStd(outputs.get("low")), MapStatistics.meanStd(outputs.get("mid"))));
  }

  /** How often the style probe is right on references of concepts that it was not fitted on. */
  public double probeAccuracy() {
    return probeAccuracy;
  }

  /**
   * Measures samples.
   *
   * @param samples generated images, group after group; several concepts
   * @param concepts the concept that each sample was asked to show
   * @param groupSize samples of one prompt, which follow each other, at least 2
   */
  public HeldOutScores score(Images samples, List<Integer> concepts, int groupSize) {
    if (concepts.size() != samples.count()) {
      throw new IllegalArgumentException(
          "%d samples but %d concepts".formatted(samples.count(), concepts.size()));
    }
    Features features = features(encoder, samples);
    return new HeldOutScores(
        reference.of(features.pool()),
        referenceRaw.of(features.pool()),
        base.map(kid -> OptionalDouble.of(kid.of(features.pool()))).orElse(OptionalDouble.empty()),
        probe.share(features.mid(), targetClass),
        retrieval.topOne(features.mid(), concepts),
        diversity(features.mid(), galleryMean, groupSize));
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
