package io.atelier.actors.api.assembly;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.PlainReward;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.models.encoder.Encoders;
import io.atelier.reward.adversarial.Prior;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Creates the rewards that critics start from: all names that {@code RewardConfig} accepts for a
 * prior.
 *
 * @param prompts the training prompts
 * @param judge encoder of the evaluation, if there is one
 * @param servers rewards of servers, by name; whether scored or a prior, they share calls and cache
 */
record Priors(
    TrainConfig config,
    List<Prompt> prompts,
    ClipFolders clips,
    Optional<Encoders.Found> judge,
    Map<String, RewardSum> servers) {

  /** The prior of a critic, if it has one. Errors in its files are found here. */
  Optional<Prior> of(AdversarialConfig part) {
    return part.prior().map(name -> new Prior(reward(name).alone(config.run().seed()), prompts));
  }

  private RewardSum reward(String name) {
    if (servers.containsKey(name)) {
      return servers.get(name);
    }
    if (name.equals(RewardConfig.JPEG)) {
      return Rewards.jpegCompressibility();
    }
    if (name.equals(PlainReward.Kind.SHARPNESS.key())) {
      return Rewards.sharpness();
    }
    if (name.equals(ArtifactReward.NAME)) {
      return ArtifactRewards.asked(config, judge);
    }
    return config.reward().frozen().stream()
        .filter(each -> each.kind().key().equals(name))
        .findFirst()
        .map(each -> FrozenRewards.of(each, clips))
        .orElseThrow(() -> new IllegalStateException("no prior is called \"%s\"".formatted(name)));
  }
}
