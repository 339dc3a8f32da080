package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.rewards.HttpReward;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.ImageSource;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Combines the rewards of a configuration, and checks them against the rest of it. */
public final class RewardAssembly {
  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  private RewardAssembly() {}

  /**
   * Creates the reward that a configuration describes.
   *
   * @param data whose prompts can all be scored
   * @param judge encoder of the evaluation, if there is one
   */
  public static RewardSum of(
      TrainConfig config,
      TrainingData data,
      PipelineFolder folder,
      Optional<Encoders.Found> judge,
      Plugins plugins) {
    RewardConfig reward = config.reward();
    if (!reward.supplied().isEmpty()) {
      throw new InvalidConfigException(
          ("reward.supplied is \"%s\": this run's reward came from a program; start it there, or make"
                  + " the reward a plug-in (reward.plugins), which any process can load")
              .formatted(reward.supplied()));
    }
    ClipFolders clips = new ClipFolders(config, data.prompts(), judge);
    Map<String, RewardSum> servers =
        reward.asked().stream()
            .collect(
                Collectors.toMap(HttpRewardConfig::name, part -> served(part, config.rollout())));
    Priors priors = new Priors(config, data.prompts(), clips, judge, servers);
    CriticEncoders encoders = new CriticEncoders(config, folder);
    Stream<RewardSum> learned =
        reward.learned().stream()
            .map(
                part ->
                    adversarial(part, config, data, folder, encoders, judge, clips, priors)
                        .weight(reward.weight(part.weight())));
    Stream<RewardSum> jpeg =
        Stream.of(reward.jpeg())
            .filter(weight -> reward.scoresJpeg())
            .map(weight -> Rewards.jpegCompressibility().weight(reward.weight(weight)));
    Stream<RewardSum> ocr = OcrRewards.of(config, data.prompts()).stream();
    Stream<RewardSum> served =
        reward.served().stream()
            .map(part -> servers.get(part.name()).weight(reward.weight(part.weight())));
    Stream<RewardSum> plugged =
        reward.plugged().stream()
            .map(part -> plugins.reward(part).weight(reward.weight(part.weight())));
    RewardSum sum =
        Stream.of(
                learned,
                jpeg,
                ocr,
                FrozenRewards.of(config, clips).stream(),
                served,
                PlainRewards.of(config, data, judge).stream(),
                JudgeRewards.of(config, data),
                plugged,
                ArtifactRewards.of(config, judge).stream())
            .flatMap(parts -> parts)
            .reduce(RewardSum::plus)
            .orElseThrow();
    return reward.graph().map(sum::combined).orElse(sum);
  }

  /** Checks a graph against the groups and prompts that it will be evaluated on. */
  static void requireFits(RewardGraph graph, TrainConfig config, TrainingData data, boolean begun) {
    Assembly.checked(
        "rollout.group-size", () -> graph.requireGroupSize(config.rollout().groupSize()));
    if (config.learner().advantage().weighting() == Weighting.GRAPH) {
      Assembly.checked("learner.advantage.weighting is graph", graph::requireNormalised);
    }
    if (config.learner().flatGroups().action() == FlatGroups.Action.REPLACE) {
      Assembly.checked("learner.flat-groups is replace", graph::requireGroupsApart);
    }
    if (config.learner().advantage().credit().needsPotentials()) {
      Assembly.checked("learner.credit.steps.mode", graph::requireComparable);
    }
    Assembly.checked(
        "data.prompts",
        () -> {
          List<String> unused = graph.unused(data.prompts());
          if (!begun) {
            unused.forEach(line -> LOG.warn("data.prompts: {}", line));
          }
        });
  }

  private static RewardSum served(HttpRewardConfig part, RolloutConfig rollout) {
    Assembly.checked(part.section(), () -> HttpReward.requireFits(rollout));
    return HttpReward.of(part);
  }

  private static RewardSum adversarial(
      AdversarialConfig part,
      TrainConfig config,
      TrainingData data,
      PipelineFolder folder,
      CriticEncoders encoders,
      Optional<Encoders.Found> judge,
      ClipFolders clips,
      Priors priors) {
    return switch (part.kind()) {
      case DISCRIMINATOR ->
          AdversarialDiscriminator.of(part, config, data, folder, encoders, judge, priors.of(part));
      case PICKSCORE -> AdversarialPickScore.of(part, config, data, clips);
    };
  }

  /**
   * Requires that the evaluation uses another network: one that a reward sees would only measure
   * how well the reward was optimized.
   *
   * @param section of the reward, which names its encoder
   * @param judge encoder of the evaluation
   */
  static void requireOther(
      String section,
      EncoderChoice choice,
      Encoders.Found encoder,
      Encoders.Found judge,
      TrainConfig config) {
    if (!Collections.disjoint(encoder.weights(), judge.weights())) {
      throw new InvalidConfigException(
          "%s.encoder %s is the same network as evaluation.encoder, which is %s; name another for one of them"
              .formatted(section, choice.name(), config.evaluation().encoder().name()));
    }
  }

  /**
   * Rejects credit by step together with a reward that compares the images of a group: the image
   * that an intermediate state leads to is scored alone.
   *
   * @param reward that compares, as the subject in the message
   */
  static void requireWholeGroups(String reward, TrainConfig config) {
    if (config.learner().advantage().credit().needsPotentials()) {
      throw new InvalidConfigException(
          ("learner.credit.steps.mode scores single images on the way, and %s compares the images of"
                  + " a group; set the mode to none, or leave that reward out")
              .formatted(reward));
    }
  }

  /**
   * Requires references of the size of generated images: networks that judge would tell enlarged
   * images from others by their blur.
   */
  static void requireSameSize(TrainConfig config, ImageSource references) {
    RolloutConfig rollout = config.rollout();
    if (references.height() != rollout.height() || references.width() != rollout.width()) {
      throw new InvalidConfigException(
          ("data.references: the images of %s are %d x %d pixels, but rollout.height x"
                  + " rollout.width is %d x %d; name a folder of images, which are resized, or set"
                  + " rollout.height=%d rollout.width=%d")
              .formatted(
                  config.data().references(),
                  references.height(),
                  references.width(),
                  rollout.height(),
                  rollout.width(),
                  references.height(),
                  references.width()));
    }
  }
}
