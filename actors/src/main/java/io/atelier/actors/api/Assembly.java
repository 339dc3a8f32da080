package io.atelier.actors.api;

import static io.atelier.actors.compute.ComputeFactory.T5_LENGTH;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.compute.WarmStart;
import io.atelier.actors.config.AdversarialConfig;
import io.atelier.actors.config.EncoderChoice;
import io.atelier.actors.config.EvaluationConfig;
import io.atelier.actors.config.HttpRewardConfig;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.ModelConfig;
import io.atelier.actors.config.RewardConfig;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.rewards.HttpReward;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.RolloutConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what a configuration names. What it names wrongly is found here, before a run begins. */
public final class Assembly {

  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  private Assembly() {}

  /** The same with the plug-ins that are found. */
  public static ComputeFactory factory(
      TrainConfig config, Optional<RewardSum> supplied, boolean begun) {
    return factory(config, supplied, Plugins.found(), begun);
  }

  /**
   * The makers of a run's compute objects.
   *
   * @param supplied a reward that a program brought along, in place of the configured one
   * @param plugins who may make configured rewards
   * @param begun whether the run has trained, so that the adapter it began with is not looked at
   *     again
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
    if (!begun) { // the file of a run that goes on has every key
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
            config, supplied.orElseGet(() -> reward(config, data, folder, judge, plugins)));
    if (reward.graph().isEmpty() && config.learner().advantage().weighting() == Weighting.GRAPH) {
      throw new InvalidConfigException(
          "learner.advantage.weighting is graph, but this run has no reward.graph that makes"
              + " advantages; write one, or set learner.advantage.weighting=grpo");
    }
    reward.graph().ifPresent(graph -> requireFits(graph, config, data, begun));
    if (supplied.isEmpty()) {
      Checks.lines(config.reward(), data.prompts()).forEach(line -> LOG.info("reward.{}", line));
    }
    if (!reward.taught().isEmpty()) {
      requireSameSize(config, data.references().images());
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

  /** Captions that are drawn, each looked at once. */
  private static void requireReadable(
      TrainConfig config, PipelineFolder folder, TrainingData data) {
    List<Prompt> prompts = new ArrayList<>(data.prompts());
    if (config.evaluation().every() > 0 && !data.heldOut().trained()) {
      prompts.addAll(data.heldOut().prompts());
    }
    checked(
        "data.prompts", () -> Captions.check(folder, prompts, T5_LENGTH, config.data().tooLong()));
  }

  /** Names the section in what {@code check} complains of. */
  static void checked(String section, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(section + ": " + e.getMessage(), e);
    }
  }

  private static Encoder noEncoder() {
    throw new IllegalStateException("this run measures nothing: evaluation.every is 0");
  }

  /** What an evaluation measures by. */
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
   * The encoder of a section, as far as it is embedded or lies on disk.
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

  /** The default enlarges the images of emoji64 twice. */
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
   * The pipeline folder of a model that is named as in a configuration.
   *
   * @param types in which it is to be used
   */
  public static PipelineFolder model(String name, ModelTypes types) {
    Machine.folders();
    return ModelConfig.folder(name, types);
  }

  /**
   * Refuses a model that is told of rewards, where nothing tells it any.
   *
   * @throws InvalidConfigException naming the model and the rewards
   */
  public static void requireText(PipelineFolder folder) {
    folder
        .rewards()
        .ifPresent(
            told -> {
              throw new InvalidConfigException(
                  ("model %s is conditioned on the rewards %s, which only sample and eval tell it"
                          + " (--reward); name a model that knows text alone")
                      .formatted(folder.root(), String.join(", ", told.names())));
            });
  }

  /** Prompts, references and what is measured on. */
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
   * The reward that a configuration describes.
   *
   * @param data of its prompts all can be scored
   * @param judge what the evaluation measures by, if it does
   */
  static RewardSum reward(
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

  /** Holds a graph against the groups and the prompts that it will be evaluated on. */
  private static void requireFits(
      RewardGraph graph, TrainConfig config, TrainingData data, boolean begun) {
    checked("rollout.group-size", () -> graph.requireGroupSize(config.rollout().groupSize()));
    if (config.learner().advantage().weighting() == Weighting.GRAPH) {
      checked("learner.advantage.weighting is graph", graph::requireNormalised);
    }
    if (config.learner().flatGroups().action() == FlatGroups.Action.REPLACE) {
      checked("learner.flat-groups is replace", graph::requireGroupsApart);
    }
    if (config.learner().advantage().credit().needsPotentials()) {
      checked("learner.credit.steps.mode", graph::requireComparable);
    }
    checked(
        "data.prompts",
        () -> {
          List<String> unused = graph.unused(data.prompts());
          if (!begun) {
            unused.forEach(line -> LOG.warn("data.prompts: {}", line));
          }
        });
  }

  private static RewardSum served(HttpRewardConfig part, RolloutConfig rollout) {
    checked(part.section(), () -> HttpReward.requireFits(rollout));
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
   * What is drawn to measure a policy: images of the size that it is trained at, held against
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
        evaluation.seed(),
        Optional.empty());
  }

  /**
   * Refuses to measure by what a reward sees, which would only say how well the reward was served.
   *
   * @param section of the reward, which names its encoder
   * @param judge what the evaluation measures by
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
   * Refuses to score the states on the way to an image by what holds the images of a group against
   * each other: what a state leads to is an image alone.
   *
   * @param reward that compares, as the beginning of a sentence's second half
   */
  static void requireWholeGroups(String reward, TrainConfig config) {
    if (config.learner().advantage().credit().needsPotentials()) {
      throw new InvalidConfigException(
          ("learner.credit.steps.mode scores single images on the way, and %s compares the images of"
                  + " a group; set the mode to none, or leave that reward out")
              .formatted(reward));
    }
  }

  /** Networks that judge would tell enlarged images from others by their blur. */
  static void requireSameSize(TrainConfig config, ImageSource references) {
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
