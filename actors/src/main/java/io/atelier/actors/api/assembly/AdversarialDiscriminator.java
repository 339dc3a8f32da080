package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.ModelVectors;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.Prior;
import io.atelier.reward.adversarial.PromptVectors;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import java.util.Collections;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the reward that is a discriminator on a frozen encoder. */
final class AdversarialDiscriminator {

  private static final Logger LOG = LoggerFactory.getLogger(AdversarialDiscriminator.class);

  private AdversarialDiscriminator() {}

  /**
   * Creates the reward. Errors in its encoder, or in the outputs of it that it sees, are found
   * here.
   *
   * @param part configuration of this critic
   * @param folder the model, whose own prompt vectors are used if the data has none
   * @param encoders of the run's critics
   * @param judge encoder of the evaluation, if there is one
   * @param prior the reward that it starts from, if any
   */
  static RewardSum of(
      AdversarialConfig part,
      TrainConfig config,
      TrainingData data,
      PipelineFolder folder,
      CriticEncoders encoders,
      Optional<Encoders.Found> judge,
      Optional<Prior> prior) {
    String section = part.section();
    DiscriminatorConfig head = part.discriminator();
    Encoders.Found encoder = encoders.of(part);
    judge.ifPresent(other -> requireOther(part, encoder, other, config));
    Assembly.sayWhatIsEnlarged(section, part.encoder(), config.rollout());
    Assembly.checked(
        section,
        () -> {
          head.requireOutputs(encoder.vectors(), encoder.maps());
          if (head.sharedProjection()) {
            head.requireOneWidth(encoder.channels().get());
          }
        });
    if (!part.seesPrompt()) {
      return reward(part, new DiscriminatorSpec(encoder.open(), head, data.promptVectors(), prior));
    }
    if (data.references().byPrompt().isEmpty()) {
      LOG.warn(
          "{}.sees-prompt is true, but the images of {} belong to no prompt: each"
              + " is shown to the head under the prompt of the images it is compared with; set it"
              + " to false, or name a .json file with the images of each prompt",
          section,
          config.data().references());
    }
    PromptVectors vectors = data.promptVectors();
    int width = data.promptWidth();
    if (width == 0) {
      ModelVectors own = new ModelVectors(folder, data.prompts());
      vectors = own;
      width = own.width();
    }
    return reward(
        part, new DiscriminatorSpec(encoder.open(), head.withCondition(width), vectors, prior));
  }

  private static RewardSum reward(AdversarialConfig part, DiscriminatorSpec spec) {
    return Rewards.adversarial(part.name(), spec, part.critic());
  }

  /**
   * Requires that the evaluation uses another network: one that a reward sees would only measure
   * how well the reward was optimized.
   */
  private static void requireOther(
      AdversarialConfig part, Encoders.Found reward, Encoders.Found judge, TrainConfig config) {
    if (!Collections.disjoint(reward.weights(), judge.weights())) {
      throw new InvalidConfigException(
          ("evaluation.encoder is %s, the same network as %s.encoder, which is %s;"
                  + " name another for one of them, such as %s")
              .formatted(
                  config.evaluation().encoder().name(),
                  part.section(),
                  part.encoder().name(),
                  judge.weights().contains(Encoders.MOBILE_NET)
                      ? Encoders.LITE0
                      : Encoders.MOBILE_NET));
    }
  }
}
