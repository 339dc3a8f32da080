package io.atelier.actors.api.assembly;

import static io.atelier.actors.compute.ComputeFactory.T5_LENGTH;

import io.atelier.actors.api.plan.Checks;
import io.atelier.actors.api.plan.UnreadKeys;
import io.atelier.actors.api.plan.UnreadStorage;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.compute.WarmStart;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.run.EvaluationConfig;
import io.atelier.actors.config.run.ModelConfig;
import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.plugins.Plugins;
import io.atelier.learner.advantage.Weighting;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.reward.sum.RewardSum;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.RolloutConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the objects that a configuration names. Wrong names and values are found here, before a
 * run begins.
 */
public final class Assembly {

  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  private Assembly() {}

  /** The same with the installed plug-ins. */
  public static ComputeFactory factory(
      TrainConfig config, Optional<RewardSum> supplied, boolean begun) {
    return factory(config, supplied, Plugins.found(), begun);
  }

  /**
   * The factory of a run's compute objects.
   *
   * @param supplied a reward supplied by a program, in place of the configured one
   * @param plugins may create configured rewards
   * @param begun whether the run has trained, so that the adapter it began with is not read again
   */
  public static ComputeFactory factory(
      TrainConfig config, Optional<RewardSum> supplied, Plugins plugins, boolean begun) {
    PipelineFolder folder = model(config.model().path(), config.placement().trained());
    PipelineFolder measured = folder.as(config.placement().measured());
    TrainingData data = data(config);
    folder.check();
    requireText(folder);
    if (measured.types().network() != folder.types().network()) {
      measured.checkNetwork();
    }
    MmditConfig network = folder.transformerConfig();
    requireReadable(config, folder, data);
    checked(
        config.model().train() == ModelConfig.Train.FULL ? "model" : "model.adapter",
        () -> config.model().trained().shapes(network));
    Optional<Path> first =
        Optional.of(config.model().from()).filter(from -> !from.isEmpty()).map(Path::of);
    if (!begun) { // the configuration file of a resumed run has every key
      UnreadKeys.warn(config, supplied.isPresent());
      UnreadStorage.warn(config, folder, measured);
      first.ifPresent(file -> WarmStart.read(file, network, config.model().adapter()));
    }
    checked("rollout", () -> requireSize(network, folder, config));
    Optional<Encoders.Found> judge =
        config.evaluation().every() > 0
            ? Optional.of(heldOutEncoder(config, config.run().threads()))
            : Optional.empty();
    judge.ifPresent(
        e -> sayWhatIsEnlarged("evaluation", config.evaluation().encoder(), config.rollout()));
    if (supplied.isPresent() && config.reward().graph().isPresent()) {
      throw new InvalidConfigException(
          "reward.graph is made of configured rewards, but this run's reward comes from a program;"
              + " leave it out, and combine the program's rewards there");
    }
    RewardSum reward =
        judgingPlaces(
            config,
            supplied.orElseGet(() -> RewardAssembly.of(config, data, folder, judge, plugins)));
    if (reward.graph().isEmpty() && config.learner().advantage().weighting() == Weighting.GRAPH) {
      throw new InvalidConfigException(
          "learner.advantage.weighting is graph, but this run has no reward.graph that makes"
              + " advantages; write one, or set learner.advantage.weighting=grpo");
    }
    reward.graph().ifPresent(graph -> RewardAssembly.requireFits(graph, config, data, begun));
    if (supplied.isEmpty()) {
      Checks.lines(config.reward(), data.prompts()).forEach(line -> LOG.info("reward.{}", line));
    }
    if (!reward.taught().isEmpty()) {
      RewardAssembly.requireSameSize(config, data.references().images());
    }
    return new ComputeFactory(
        folder,
        measured,
        data,
        config.model().trained(),
        first,
        config.rollout(),
        config.learner(),
        reward,
        config.critic(),
        config.data().throughVae(),
        judge.map(found -> settings(config, data)),
        judge.map(Encoders.Found::open).orElse(Assembly::noEncoder),
        config.run().steps(),
        config.groupsPerStep(),
        config.run().seed(),
        config.run().threads());
  }

  private static void requireSize(MmditConfig network, PipelineFolder folder, TrainConfig config) {
    RolloutConfig rollout = config.rollout();
    int[] shape =
        DiffusionModel.latentShape(network, folder.vaeConfig(), rollout.height(), rollout.width());
    if (config.learner().loss().places().moves()) {
      checked(
          "learner.credit.places.source needs latents with cells in all places",
          () -> PlaceGrid.requireCells(shape[1], shape[2]));
    }
  }

  private static RewardSum judgingPlaces(TrainConfig config, RewardSum reward) {
    if (!config.learner().loss().places().needsScores()) {
      return reward;
    }
    try {
      return reward.withPlaces();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(
          "learner.credit.places.source is critic, but %s; or set it to contrast or none"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Checks all captions that are sampled, each once. */
  private static void requireReadable(
      TrainConfig config, PipelineFolder folder, TrainingData data) {
    List<Prompt> prompts = new ArrayList<>(data.prompts());
    if (config.evaluation().every() > 0 && !data.heldOut().trained()) {
      prompts.addAll(data.heldOut().prompts());
    }
    checked(
        "data.prompts", () -> Captions.check(folder, prompts, T5_LENGTH, config.data().tooLong()));
  }

  /** Runs {@code check} and adds the section to its error message. */
  public static void checked(String section, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(section + ": " + e.getMessage(), e);
    }
  }

  private static Encoder noEncoder() {
    throw new IllegalStateException("this run measures nothing: evaluation.every is 0");
  }

  /** The encoder that an evaluation measures with. */
  public static Encoders.Found heldOutEncoder(TrainConfig config, int threads) {
    Encoders.Found found = encoder("evaluation", config.evaluation().encoder(), threads, List.of());
    if (found.vectors().isEmpty() || found.maps().isEmpty()) {
      throw new InvalidConfigException(
          ("evaluation.encoder %s must have outputs of two dimensions and of four to measure by; it"
                  + " has %s and %s")
              .formatted(config.evaluation().encoder().name(), found.vectors(), found.maps()));
    }
    return found;
  }

  /**
   * The encoder of a section, if it is embedded or on disk.
   *
   * @param blocks of a Vision Transformer whose outputs are wanted
   */
  static Encoders.Found encoder(
      String section, EncoderChoice choice, int threads, List<Integer> blocks) {
    EncoderConfig settings =
        new EncoderConfig(
            choice.pixels(),
            EncoderConfig.DEFAULT.filter(),
            threads,
            EncoderConfig.DEFAULT.batch(),
            blocks);
    try {
      return Encoders.find(choice.name(), settings, choice.colours());
    } catch (IllegalArgumentException | SafetensorsException e) {
      throw new InvalidConfigException(section + ": " + e.getMessage(), e);
    }
  }

  /** Warns about images enlarged by more than the default's factor of 2 for emoji64. */
  static void sayWhatIsEnlarged(String section, EncoderChoice choice, RolloutConfig rollout) {
    if (choice.pixels() > 2 * Math.min(rollout.height(), rollout.width())) {
      LOG.warn(
          "{}.encoder-pixels is {}, but images are {} x {} (rollout.height x rollout.width): they are"
              + " enlarged more than twice, which costs time and shows the encoder a blur that it"
              + " was not trained on; make it smaller",
          section,
          choice.pixels(),
          rollout.height(),
          rollout.width());
    }
  }

  /**
   * The pipeline folder of a model, named as in a configuration.
   *
   * @param types to use it with
   */
  public static PipelineFolder model(String name, ModelTypes types) {
    Machine.folders();
    return ModelConfig.folder(name, types);
  }

  /**
   * Rejects a model conditioned on rewards, where nothing supplies any.
   *
   * @throws InvalidConfigException naming the model and the rewards
   */
  public static void requireText(PipelineFolder folder) {
    folder
        .rewards()
        .ifPresent(
            told -> {
              throw new InvalidConfigException(
                  ("model %s is conditioned on the rewards %s, which only sample and eval can set"
                          + " (--reward); name a model that is conditioned on text alone")
                      .formatted(folder.root(), String.join(", ", told.names())));
            });
  }

  /** Loads prompts, references and held-out data. */
  public static TrainingData data(TrainConfig config) {
    try {
      return TrainingData.load(
          config.data(),
          config.evaluation().prompts(),
          config.rollout().height(),
          config.rollout().width());
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(e.getMessage(), e);
    }
  }

  /**
   * What to sample to measure a policy: images of the size that it is trained at, compared with
   * references of the same size.
   */
  public static HeldOutEvaluation.Settings settings(TrainConfig config, TrainingData data) {
    EvaluationConfig evaluation = config.evaluation();
    RolloutConfig rollout = config.rollout();
    TrainingData.HeldOutData heldOut = data.heldOut();
    if (heldOut.prompts().size() < 2 || heldOut.references().count() < 2) {
      throw new InvalidConfigException(
          "evaluation: there are %d prompts and %d references to measure on, and 2 of each are needed; name more, or set evaluation.every=0"
              .formatted(heldOut.prompts().size(), heldOut.references().count()));
    }
    if (heldOut.owners().stream().distinct().count() == 1) {
      throw new InvalidConfigException(
          "evaluation: all references to measure on are of one prompt, and KID needs those of 2; hold out others, or set evaluation.every=0");
    }
    RewardAssembly.requireSameSize(config, heldOut.references());
    long count = (long) heldOut.prompts().size() * evaluation.groupSize();
    checked("evaluation", () -> Images.bytes(count, rollout.height(), rollout.width()));
    return new HeldOutEvaluation.Settings(
        evaluation.groupSize(),
        rollout.height(),
        rollout.width(),
        evaluation.steps(),
        evaluation.guidance(),
        evaluation.shown(),
        evaluation.seed(),
        Optional.empty());
  }
}
