package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.adversarial.TaughtReward;
import java.util.List;

/**
 * Approximate memory of a run's critics in one process, in bytes.
 *
 * @param ofAnImage features of an image
 * @param layers scorers and critics of PickScores, features of references included, and the heads
 *     of ensembles; a discriminator's single head is negligible
 * @param features features that discriminators keep, of references and of replayed images
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

  /** Bytes of ensembles: weights in every scorer; in the critic also gradients and two moments. */
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

  /** The PickScore critics, which are large. */
  static List<PickScoreSpec> pickScores(ComputeFactory compute) {
    return compute.reward().taught().stream()
        .map(TaughtReward::spec)
        .filter(PickScoreSpec.class::isInstance)
        .map(PickScoreSpec.class::cast)
        .toList();
  }

  /** Bytes of the values in a version of all PickScore critics; 0 without any. */
  static long versionBytes(ComputeFactory compute) {
    return pickScores(compute).stream().mapToLong(PickScoreSpec::versionBytes).sum();
  }
}
