package io.atelier.actors.api;

import static io.atelier.actors.compute.ComputeFactory.T5_LENGTH;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.EvaluationConfig;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.RewardConfig;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.sampler.DiffusionModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes what a configuration names. What it names wrongly is found here, before a run begins. */
public final class Assembly {

  private Assembly() {}

  /**
   * The makers of a run's compute objects.
   *
   * @param supplied a reward that a program brought along, in place of the configured one
   */
  public static ComputeFactory factory(TrainConfig config, Optional<RewardSum> supplied) {
    PipelineFolder folder = model(config.model().path());
    TrainingData data = data(config);
    folder.check();
    MmditConfig network = folder.transformerConfig();
    checked("data.prompts", () -> Captions.requireFit(folder, data.prompts(), T5_LENGTH));
    checked("model.adapter", () -> MmditAdapter.shapes(network, config.model().adapter()));
    checked(
        "rollout",
        () ->
            DiffusionModel.latentShape(
                network, folder.vaeConfig(), config.rollout().height(), config.rollout().width()));
    return new ComputeFactory(
        folder,
        data,
        config.model().adapter(),
        config.rollout(),
        config.learner(),
        supplied.orElseGet(() -> reward(config, data)),
        config.critic(),
        config.data().throughVae(),
        evaluation(config.evaluation()),
        config.run().seed(),
        config.run().threads());
  }

  private static void checked(String section, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(section + ": " + e.getMessage(), e);
    }
  }

  /** The pipeline folder of a model that is named as in a configuration. */
  public static PipelineFolder model(String name) {
    Path path = name.equals(EmbeddedModel.EMOJI64) ? EmbeddedModel.emoji64() : Path.of(name);
    if (!Files.isDirectory(path)) {
      throw new InvalidConfigException(
          "model %s does not exist; name a diffusers pipeline folder or %s"
              .formatted(name, EmbeddedModel.EMOJI64));
    }
    try {
      return new PipelineFolder(path);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException("model: " + e.getMessage(), e);
    }
  }

  /** Prompts, references and what is measured on. */
  public static TrainingData data(TrainConfig config) {
    try {
      return TrainingData.load(
          config.data().prompts(),
          config.data().references(),
          config.evaluation().prompts(),
          config.rollout().height(),
          config.rollout().width());
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(e.getMessage(), e);
    }
  }

  private static RewardSum reward(TrainConfig config, TrainingData data) {
    RewardConfig reward = config.reward();
    if (!reward.supplied().isEmpty()) {
      throw new InvalidConfigException(
          "reward.supplied is \"%s\": this run's reward came from a program; start it there"
              .formatted(reward.supplied()));
    }
    Optional<RewardSum> adversarial =
        reward.adversarial() > 0
            ? Optional.of(adversarial(config, data).weight(reward.adversarial()))
            : Optional.empty();
    Optional<RewardSum> jpeg =
        reward.jpeg() > 0
            ? Optional.of(Rewards.jpegCompressibility().weight(reward.jpeg()))
            : Optional.empty();
    return adversarial
        .map(first -> jpeg.map(first::plus).orElse(first))
        .or(() -> jpeg)
        .orElseThrow();
  }

  private static RewardSum adversarial(TrainConfig config, TrainingData data) {
    RewardConfig reward = config.reward();
    DiscriminatorConfig head = reward.discriminator();
    if (reward.seesPrompt()) {
      if (data.promptWidth() == 0) {
        throw new InvalidConfigException(
            ("reward.adversarial.sees-prompt is true, but only the captions of data.prompts ="
                    + " emoji64 have vectors, not those of %s; set it to false")
                .formatted(config.data().prompts()));
      }
      head = head.withCondition(data.promptWidth());
    }
    EncoderConfig encoder =
        new EncoderConfig(
            reward.encoderPixels(),
            EncoderConfig.DEFAULT.filter(),
            config.run().threads(),
            EncoderConfig.DEFAULT.batch());
    return Rewards.adversarial(() -> OnnxEncoder.lite0(encoder), head, data.promptVectors());
  }

  private static Optional<HeldOutEvaluation.Settings> evaluation(EvaluationConfig evaluation) {
    if (evaluation.every() == 0) {
      return Optional.empty();
    }
    return Optional.of(settings(evaluation));
  }

  /** What is drawn to measure a policy. */
  public static HeldOutEvaluation.Settings settings(EvaluationConfig evaluation) {
    return new HeldOutEvaluation.Settings(
        evaluation.groupSize(),
        evaluation.steps(),
        evaluation.guidance(),
        evaluation.shown(),
        evaluation.seed());
  }
}
