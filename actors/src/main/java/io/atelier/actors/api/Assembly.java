package io.atelier.actors.api;

import static io.atelier.actors.compute.ComputeFactory.T5_LENGTH;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.compute.WarmStart;
import io.atelier.actors.config.EvaluationConfig;
import io.atelier.actors.config.HomeFolder;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.RewardConfig;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.machine.Machine;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.RolloutConfig;
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
   * @param begun whether the run has trained, so that the adapter it began with is not looked at
   *     again
   */
  public static ComputeFactory factory(
      TrainConfig config, Optional<RewardSum> supplied, boolean begun) {
    PipelineFolder folder = model(config.model().path());
    TrainingData data = data(config);
    folder.check();
    MmditConfig network = folder.transformerConfig();
    checked("data.prompts", () -> Captions.requireFit(folder, data.prompts(), T5_LENGTH));
    if (config.evaluation().every() > 0) {
      checked("evaluation", () -> Captions.requireFit(folder, data.heldOut().prompts(), T5_LENGTH));
    }
    checked("model.adapter", () -> MmditAdapter.shapes(network, config.model().adapter()));
    Optional<Path> first =
        Optional.of(config.model().from()).filter(from -> !from.isEmpty()).map(Path::of);
    if (!begun) {
      first.ifPresent(file -> WarmStart.read(file, network, config.model().adapter()));
    }
    checked(
        "rollout",
        () ->
            DiffusionModel.latentShape(
                network, folder.vaeConfig(), config.rollout().height(), config.rollout().width()));
    RewardSum reward = supplied.orElseGet(() -> reward(config, data));
    if (reward.adversarial().isPresent()) {
      requireSameSize(config, data.references().images());
    }
    return new ComputeFactory(
        folder,
        data,
        config.model().adapter(),
        first,
        config.rollout(),
        config.learner(),
        reward,
        config.critic(),
        config.data().throughVae(),
        config.evaluation().every() == 0 ? Optional.empty() : Optional.of(settings(config, data)),
        config.run().steps(),
        config.groupsPerStep(),
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
    Machine.folders();
    Path path =
        name.equals(EmbeddedModel.EMOJI64)
            ? EmbeddedModel.emoji64()
            : Path.of(HomeFolder.expand(name));
    if (Files.isRegularFile(path)) {
      throw new InvalidConfigException(
          "model %s is a file; a model in one file is not read: name a diffusers pipeline folder"
              .formatted(name));
    }
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
    checked(
        "reward.adversarial",
        () -> reward.discriminator().requireOutputs(OnnxEncoder.VECTORS, OnnxEncoder.MAPS));
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

  /**
   * What is drawn to measure a policy: images of the size that it is trained at, held against
   * references of the same size.
   */
  public static HeldOutEvaluation.Settings settings(TrainConfig config, TrainingData data) {
    EvaluationConfig evaluation = config.evaluation();
    RolloutConfig rollout = config.rollout();
    TrainingData.HeldOutData heldOut = data.heldOut();
    requireSameSize(config, heldOut.references());
    long count = (long) heldOut.prompts().size() * evaluation.groupSize();
    checked("evaluation", () -> Images.bytes(count, rollout.height(), rollout.width()));
    return new HeldOutEvaluation.Settings(
        evaluation.groupSize(),
        rollout.height(),
        rollout.width(),
        evaluation.steps(),
        evaluation.guidance(),
        evaluation.shown(),
        evaluation.seed());
  }

  /** Networks that judge would tell enlarged images from others by their blur. */
  private static void requireSameSize(TrainConfig config, Images references) {
    RolloutConfig rollout = config.rollout();
    if (references.height() != rollout.height() || references.width() != rollout.width()) {
      throw new InvalidConfigException(
          ("data.references: the images of %s are %d x %d pixels, but rollout.height x"
                  + " rollout.width is %d x %d; name a folder of images, which are brought to any"
                  + " size, or set rollout.height=%d rollout.width=%d")
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
