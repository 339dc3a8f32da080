package io.atelier.actors.api.assembly;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.ArtifactConfig;
import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.encoder.VitEncoder;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.artifact.ArtifactHead;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Creates the reward for images without artifacts. */
public final class ArtifactRewards {

  private ArtifactRewards() {}

  /**
   * Creates the reward if it is scored. Errors in its head or its encoder are found here.
   *
   * @param judge encoder of the evaluation, if there is one
   */
  static Optional<RewardSum> of(TrainConfig config, Optional<Encoders.Found> judge) {
    ArtifactConfig part = config.reward().artifact();
    return config.reward().scores(ArtifactReward.NAME, part.weight())
        ? Optional.of(asked(config, judge).weight(config.reward().weight(part.weight())))
        : Optional.empty();
  }

  /** The same whatever its weight, for use as a prior. */
  static RewardSum asked(TrainConfig config, Optional<Encoders.Found> judge) {
    ArtifactConfig part = config.reward().artifact();
    Path head = Path.of(part.head());
    ArtifactHead.View view = view(head);
    Encoders.Found encoder = encoder(config, view.vectors(), view.statistics(), judge);
    requireSame(head, view, part.encoder(), encoder);
    Assembly.sayWhatIsEnlarged(ArtifactConfig.SECTION, part.encoder(), config.rollout());
    return Rewards.artifact(encoder.open(), head, part.guard());
  }

  private static ArtifactHead.View view(Path file) {
    try (ArtifactHead head = ArtifactHead.load(file)) {
      return head.view();
    } catch (IllegalArgumentException | SafetensorsException e) {
      throw new InvalidConfigException(
          "%s.head: %s".formatted(ArtifactConfig.SECTION, e.getMessage()), e);
    }
  }

  /**
   * The encoder of a head.
   *
   * @param vectors outputs of it that the head sees, in addition to {@code statistics}
   * @param judge encoder of the evaluation, if there is one
   */
  public static Encoders.Found encoder(
      TrainConfig config,
      List<String> vectors,
      List<String> statistics,
      Optional<Encoders.Found> judge) {
    EncoderChoice choice = config.reward().artifact().encoder();
    Set<String> outputs = new TreeSet<>(vectors);
    outputs.addAll(statistics);
    Encoders.Found encoder =
        Assembly.encoder(
            ArtifactConfig.SECTION, choice, config.run().threads(), VitEncoder.blocks(outputs));
    judge.ifPresent(
        other ->
            RewardAssembly.requireOther(ArtifactConfig.SECTION, choice, encoder, other, config));
    return encoder;
  }

  private static void requireSame(
      Path head, ArtifactHead.View view, EncoderChoice choice, Encoders.Found found) {
    try (Encoder open = found.open().get()) {
      if (!open.id().equals(view.encoder())) {
        throw new InvalidConfigException(
            "%s.head %s was trained on %s, and %s.encoder %s with encoder-pixels %d is %s; name the same one, or train another head"
                .formatted(
                    ArtifactConfig.SECTION,
                    head,
                    view.encoder(),
                    ArtifactConfig.SECTION,
                    choice.name(),
                    choice.pixels(),
                    open.id()));
      }
    }
  }
}
