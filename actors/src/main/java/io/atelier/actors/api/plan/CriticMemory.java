package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.adversarial.TaughtReward;
import java.util.List;

/**
 * About the bytes that the critics of a run take in one process.
 *
 * @param ofAnImage what they are given of an image
 * @param layers what scorers and critics of PickScores take, features of references included, and
 *     the heads of ensembles; a discriminator's single head is small
 * @param features what discriminators keep of references and of images that are shown again
 */
record CriticMemory(long ofAnImage, long layers, long features) {

  static CriticMemory of(TrainConfig config, ComputeFactory compute) {
    int references = compute.data().references().images().count();
    CriticMemory all = new CriticMemory(0, 0, 0);
    for (TaughtReward taught : compute.reward().taught()) {
      long bytes = taught.spec().featureBytes(); // may have to encode an image
      CriticMemory one =
          taught.spec() instanceof PickScoreSpec spec
              ? new CriticMemory(bytes, layers(config, spec, references), 0)
              : new CriticMemory(
                  bytes,
                  taught.spec() instanceof DiscriminatorSpec head ? heads(config, head) : 0,
                  DiscriminatorSpec.keptBytes(
                      taught.critic().orElse(config.critic()), references, bytes));
      all = all.plus(one);
    }
    return all;
  }

  private static long layers(TrainConfig config, PickScoreSpec spec, int references) {
    return spec.sharedBytes()
        + config.workers().reward() * spec.scorerBytes()
        + spec.criticBytes(references);
  }

  /** Of several heads: weights where they score; and where they learn gradients and two moments. */
  private static long heads(TrainConfig config, DiscriminatorSpec spec) {
    return spec.config().ensemble().several()
        ? spec.config().ensemble().members()
            * Float.BYTES
            * spec.headParameters()
            * (4L + config.workers().reward())
        : 0;
  }

  private CriticMemory plus(CriticMemory other) {
    return new CriticMemory(
        ofAnImage + other.ofAnImage, layers + other.layers, features + other.features);
  }

  /** Critics that are large. */
  static List<PickScoreSpec> pickScores(ComputeFactory compute) {
    return compute.reward().taught().stream()
        .map(TaughtReward::spec)
        .filter(PickScoreSpec.class::isInstance)
        .map(PickScoreSpec.class::cast)
        .toList();
  }

  /** Bytes of the values of a version of all that are large; 0 without any. */
  static long versionBytes(ComputeFactory compute) {
    return pickScores(compute).stream().mapToLong(PickScoreSpec::versionBytes).sum();
  }
}
