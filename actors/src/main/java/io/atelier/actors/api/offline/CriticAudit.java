package io.atelier.actors.api.offline;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.Critics;
import io.atelier.reward.adversarial.DiscriminatorReward;
import io.atelier.reward.adversarial.PlaceAudit;
import io.atelier.reward.adversarial.TaughtReward;
import io.atelier.reward.clip.Clips;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Audits the scores that the critic of a checkpoint gives to places, by damaging some of them. */
public final class CriticAudit {

  private CriticAudit() {}

  /**
   * Audits a checkpoint with the references of its run.
   *
   * @param config of the checkpoint's run
   * @param images number of references, at most
   * @param blur see {@link PlaceAudit#of}
   * @param seed selects the references and the damaged places
   */
  public static PlaceAudit places(
      Path checkpoint, TrainConfig config, int images, double blur, long seed) {
    ComputeFactory factory = Assembly.factory(config, Optional.empty(), true);
    TaughtReward taught = judge(factory);
    List<String> names = factory.reward().taught().stream().map(TaughtReward::name).toList();
    NamedTensors weights = Critics.part(names, Checkpoint.criticState(checkpoint), taught.name());
    Torch.enter(false);
    try (Clips clips = new Clips();
        AdversarialReward reward = taught.reward(config.run().seed(), clips)) {
      reward.load(weights);
      DiscriminatorReward judge = (DiscriminatorReward) reward;
      return factory.ofReferences(
          references -> PlaceAudit.of(judge, references, images, blur, seed));
    }
  }

  /** The critic that scores places. */
  private static TaughtReward judge(ComputeFactory factory) {
    try {
      return factory.reward().withPlaces().taught().stream()
          .filter(taught -> taught.withPlaces().isPresent())
          .findFirst()
          .orElseThrow();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(
          "the run's critic cannot be audited by places: " + e.getMessage(), e);
    }
  }
}
