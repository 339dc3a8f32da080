package io.atelier.actors.api.assembly;

import io.atelier.actors.api.plan.Checks;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.FeaturesConfig;
import io.atelier.actors.config.reward.PlainReward;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.reward.feature.DiversityReward;
import io.atelier.reward.feature.FeatureSource;
import io.atelier.reward.feature.SimilarityReward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.reward.verifier.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Creates the rewards for which a configuration only sets weights. */
final class PlainRewards {

  private final TrainConfig config;
  private final TrainingData data;
  private final Optional<Encoders.Found> judge;

  private PlainRewards(TrainConfig config, TrainingData data, Optional<Encoders.Found> judge) {
    this.config = config;
    this.data = data;
    this.judge = judge;
  }

  /**
   * Creates those that are scored. Errors in their encoder or in the data are found here.
   *
   * @param judge encoder of the evaluation, if there is one
   */
  static List<RewardSum> of(TrainConfig config, TrainingData data, Optional<Encoders.Found> judge) {
    PlainRewards makers = new PlainRewards(config, data, judge);
    RewardConfig reward = config.reward();
    Optional<FeatureSource> features =
        reward.readsFeatures() ? Optional.of(makers.features()) : Optional.empty();
    List<RewardSum> rewards = new ArrayList<>();
    for (PlainReward part : reward.scoredPlain()) {
      rewards.add(makers.made(part, features).weight(reward.weight(part.weight())));
    }
    return rewards;
  }

  private RewardSum made(PlainReward part, Optional<FeatureSource> features) {
    return switch (part.kind()) {
      case SHARPNESS -> Rewards.sharpness();
      case COLOUR, COUNT, FRAME -> check(Checks.verifier(part.kind()).orElseThrow());
      case SIMILARITY -> {
        OwnReferences.require("reward.%s is scored".formatted(SimilarityReward.NAME), config, data);
        yield Rewards.similarity(features.orElseThrow(), data.references());
      }
      case DIVERSITY -> {
        requireOthers();
        yield Rewards.diversity(features.orElseThrow());
      }
    };
  }

  private RewardSum check(Verifier verifier) {
    Assembly.checked(
        "data.prompts",
        () ->
            Checks.requireApplies(
                verifier, config.reward(), data.prompts(), config.data().prompts()));
    return Rewards.check(verifier);
  }

  private FeatureSource features() {
    FeaturesConfig features = config.reward().features();
    Encoders.Found encoder =
        Assembly.encoder(
            FeaturesConfig.SECTION, features.encoder(), config.run().threads(), List.of());
    judge.ifPresent(
        other ->
            RewardAssembly.requireOther(
                FeaturesConfig.SECTION, features.encoder(), encoder, other, config));
    Assembly.sayWhatIsEnlarged(FeaturesConfig.SECTION, features.encoder(), config.rollout());
    String vector = features.vector().orElseGet(() -> first(encoder));
    if (!encoder.vectors().contains(vector)) {
      throw new InvalidConfigException(
          "%s.vector is %s, which %s does not have; take one of %s"
              .formatted(
                  FeaturesConfig.SECTION, vector, features.encoder().name(), encoder.vectors()));
    }
    return new FeatureSource(encoder.open(), vector);
  }

  private String first(Encoders.Found encoder) {
    return encoder.vectors().stream()
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidConfigException(
                    "%s.encoder %s has no output of two dimensions, a vector for each image; name another"
                        .formatted(
                            FeaturesConfig.SECTION, config.reward().features().encoder().name())));
  }

  private void requireOthers() {
    RewardAssembly.requireWholeGroups("reward." + DiversityReward.NAME, config);
    if (config.rollout().groupSize() == 1) {
      throw new InvalidConfigException(
          "rollout.group-size is 1, and reward.%s compares the images of a group; make groups larger"
              .formatted(DiversityReward.NAME));
    }
  }
}
