package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.atelier.actors.config.cluster.ClusterConfig;
import io.atelier.actors.config.cluster.PlacementConfig;
import io.atelier.actors.config.cluster.TransportSection;
import io.atelier.actors.config.cluster.WorkersConfig;
import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.reward.NamedSections;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.run.CheckpointConfig;
import io.atelier.actors.config.run.DataConfig;
import io.atelier.actors.config.run.EvaluationConfig;
import io.atelier.actors.config.run.ModelConfig;
import io.atelier.actors.config.run.PageConfig;
import io.atelier.actors.config.run.PicturesConfig;
import io.atelier.actors.config.run.RunConfig;
import io.atelier.actors.config.section.ComputeSections;
import io.atelier.actors.config.section.Objective;
import io.atelier.actors.config.section.Reference;
import io.atelier.actors.config.section.Rules;
import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.Values;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.learner.advantage.CreditConfig;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.models.tensor.ComputeType;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.rollout.sampler.RolloutConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The whole configuration of a run, validated. Made from layers, each of which overrides the ones
 * before: {@code reference.conf}, a preset, a file, {@code key=value} pairs.
 *
 * @param tree the same as HOCON: every key, defaults included
 * @param critic training of an adversarial reward that has no settings of its own
 * @param objective that the policy is trained for
 * @param groupsPerStep groups that one learner step takes
 */
public record TrainConfig(
    Config tree,
    RunConfig run,
    PlacementConfig placement,
    ModelConfig model,
    DataConfig data,
    RolloutConfig rollout,
    RewardConfig reward,
    CriticConfig critic,
    Objective objective,
    PolicyConfig learner,
    int groupsPerStep,
    WorkersConfig workers,
    Schedule schedule,
    EvaluationConfig evaluation,
    CheckpointConfig checkpoint,
    PicturesConfig pictures,
    PageConfig page,
    LedgerConfig.Limits limits,
    ClusterConfig cluster,
    TransportConfig transport) {

  /** Preset that is used when none is named. */
  public static final String DEFAULT_PRESET = "dev";

  /** Loads a preset with {@code key=value} overrides. */
  public static TrainConfig load(String preset, String... overrides) {
    return load(preset, List.of(), List.of(overrides));
  }

  /** Loads a preset, files on top of it in this order, and {@code key=value} overrides. */
  public static TrainConfig load(String preset, List<Path> files, List<String> overrides) {
    Layers layers = Layers.reference().preset(preset);
    files.forEach(layers::file);
    return of(layers.overrides(overrides).complete(preset), new HashSet<>());
  }

  /** Reads the configuration of a run folder, with overrides. */
  public static TrainConfig read(Path file, List<String> overrides) {
    return of(Layers.reference().file(file).overrides(overrides).tree(), new HashSet<>());
  }

  /** Returns a one-line description of each preset by its name. */
  public static Map<String, String> presets() {
    return Layers.presets();
  }

  /** Returns this configuration with some keys changed, as on the command line. */
  public TrainConfig with(String... overrides) {
    return of(Layers.over(tree).overrides(List.of(overrides)).tree(), new HashSet<>());
  }

  /** Returns this one for a run whose reward a program supplies, with parts of these names. */
  public TrainConfig withSupplied(List<String> names) {
    return with("reward.supplied=" + String.join(", ", names));
  }

  /**
   * @param read collects the full path of every key that is read
   */
  static TrainConfig of(Config layered, Set<String> read) {
    Config tree = ModelSize.recorded(withThreads(layered));
    Section root = new Section(tree, "", read);
    Section learner = root.section("learner");
    Objective objective = learner.choice("objective", Objective.class);
    RolloutConfig rollout = ComputeSections.rollout(root.section("rollout"), objective);
    WorkersConfig workers = WorkersConfig.from(root.section("workers"));
    ClusterConfig cluster = ClusterConfig.from(root.section("cluster"));
    TrainConfig config =
        new TrainConfig(
            tree,
            RunConfig.from(root.section("run")),
            PlacementConfig.from(root.section("placement")),
            ModelConfig.from(root.section("model")),
            DataConfig.from(root.section("data")),
            rollout,
            RewardConfig.from(root.section("reward"), root.section("critic")),
            ComputeSections.critic(root.section("critic")),
            objective,
            ComputeSections.policy(learner, objective, rollout.steps()),
            learner.integer("groups-per-step"),
            workers,
            LedgerSections.schedule(root.section("schedule")),
            EvaluationConfig.from(root.section("evaluation")),
            CheckpointConfig.from(root.section("checkpoint")),
            PicturesConfig.from(root.section("pictures")),
            PageConfig.from(root.section("page")),
            LedgerSections.limits(root.section("limits")),
            cluster,
            TransportSection.read(root.section("transport"), cluster, workers.blobBytes()));
    learner.build(config::checked);
    root.section("limits").build(config::heardOften);
    root.section("limits").build(config::askedInTime);
    root.section("rollout").build(config::mergedInFull);
    root.section("model").build(config::trainedExactly);
    return config;
  }

  /** With the 8 significant bits of bfloat16, small changes of large weights would be lost. */
  private TrainConfig mergedInFull() {
    Rules.require(
        !rollout.mergeAdapter()
            || model.train() == ModelConfig.Train.FULL
            || placement.rollout().compute() == ComputeType.FLOAT32,
        "merge-adapter is on, which needs placement.compute = float32, got %s; set"
            + " rollout.merge-adapter=false",
        placement.rollout().compute());
    return this;
  }

  /** A model that is trained as a whole must begin with the exact values of its files. */
  private TrainConfig trainedExactly() {
    Rules.require(
        !model.trained().isAll()
            || placement.rollout().storage().isExact()
                && placement.evaluation().storage().isExact(),
        "train is full, whose weights are float32, and placement.storage rounds them to %s, with"
            + " nothing gained; take stored for rollout, learner and evaluation",
        placement.rollout().storage().isExact()
            ? placement.evaluation().storage()
            : placement.rollout().storage());
    return this;
  }

  /** A node must not be taken for lost because a few heartbeats are late. */
  private TrainConfig heardOften() {
    Rules.require(
        limits.nodeSilence().compareTo(cluster.beat().multipliedBy(4)) >= 0,
        "node-silence is %s, must be at least four times cluster.beat, which is %s",
        limits.nodeSilence(),
        cluster.beat());
    return this;
  }

  /** A reward worker must not lose its lease while it waits for a server as configured. */
  private TrainConfig askedInTime() {
    for (HttpRewardConfig part : reward.http()) {
      Rules.require(
          part.longest().compareTo(limits.rewardLease()) < 0,
          "reward-lease is %s, must be more than %s.patience and twice its timeout, which are %s",
          limits.rewardLease(),
          part.section(),
          part.longest());
    }
    int images = rollout.groupSize();
    for (JudgeConfig part : reward.judged()) {
      Duration longest = part.longest(images, workers.reward());
      Rules.require(
          longest.compareTo(limits.rewardLease()) < 0,
          "reward-lease is %s, must be more than %s, which a group of %d images may take: %d calls"
              + " of %s.timeout, parallel at a time for each of workers.reward, and patience",
          limits.rewardLease(),
          longest,
          images,
          part.calls(images),
          part.section());
    }
    return this;
  }

  /** Checks sections against each other. */
  private TrainConfig checked() {
    Rules.require(
        learner.criticOnlySteps() == 0 || learner.criticOnlySteps() < run.steps(),
        "critic-only-steps is %d of run.steps %d, which leaves none that trains the policy; must be"
            + " less",
        learner.criticOnlySteps(),
        run.steps());
    Rules.require(groupsPerStep >= 1, "groups-per-step is %d, must be at least 1", groupsPerStep);
    learner.requireFits(groupsPerStep, rollout.groupSize());
    learner.requireFits(rollout);
    Rules.require(
        !learner.loss().places().moves() || schedule.policyLag() == 0,
        "credit.places.source is %s, and schedule.policy-lag is %d: an older policy's samples have"
            + " no ratios of 1, which weights by place need; set schedule.mode=sync, or"
            + " learner.credit.places.source=none",
        Section.spelled(learner.loss().places().source()),
        schedule.policyLag());
    CreditConfig credit = learner.advantage().credit();
    Rules.require(
        !credit.needsPotentials() || rollout.window().length() > 1,
        "credit.steps.mode is %s, and rollout.trained-steps is 1: a step that is alone earns all; take"
            + " none, or train more steps",
        Section.spelled(credit.mode()));
    return this;
  }

  /** Fills in the number of threads where it is left to the machine, so that it is recorded. */
  private static Config withThreads(Config tree) {
    String key = "run.threads";
    if (!Integer.valueOf(0).equals(tree.getValue(key).unwrapped())) {
      return tree;
    }
    int cores = Runtime.getRuntime().availableProcessors();
    return tree.withValue(key, ConfigValueFactory.fromAnyRef(cores, "this machine's cores"));
  }

  /** Whether a key may change on resume; see {@link DecidingKeys}. */
  public static boolean changeable(String key) {
    return DecidingKeys.changeable(key);
  }

  /** Returns the values that decide the result of a run, by key; no paths are among them. */
  public SortedMap<String, String> deciding() {
    return DecidingKeys.values(tree);
  }

  /**
   * Returns those of some keys whose values are not the defaults, each with where it was set.
   *
   * @param names keys, or sections that stand for all their keys
   */
  public List<String> changed(List<String> names) {
    return changed(names, key -> true, origin -> true);
  }

  /** Returns the same keys without those that a preset sets. */
  public List<String> given(List<String> names) {
    return given(names, key -> true);
  }

  /** Returns the same keys without those that a preset sets or {@code wanted} refuses. */
  public List<String> given(List<String> names, Predicate<String> wanted) {
    return changed(names, wanted, origin -> !origin.startsWith(Values.BY_PRESET));
  }

  /** Whether it is a key of the first critic whose value another critic inherits and reads. */
  public boolean isInherited(String key) {
    return reward.learned().stream()
        .filter(part -> !part.unread().contains(part.key(key)))
        .anyMatch(part -> NamedSections.isInherited(tree.getValue(part.key(key))));
  }

  private List<String> changed(
      List<String> names, Predicate<String> wanted, Predicate<String> counts) {
    return names.stream()
        .flatMap(name -> keys(name).sorted())
        .filter(wanted)
        .filter(key -> !NamedSections.isInherited(tree.getValue(key)))
        .filter(key -> !isDefault(key))
        .filter(key -> counts.test(Values.origin(tree.getValue(key))))
        .map(key -> "%s (%s)".formatted(key, Values.origin(tree.getValue(key))))
        .toList();
  }

  /** Returns the values that are not the defaults, by key, whatever set them. */
  public SortedMap<String, String> notDefault() {
    SortedMap<String, String> values = new TreeMap<>();
    tree.entrySet().stream()
        .filter(entry -> !isDefault(entry.getKey()))
        .forEach(entry -> values.put(entry.getKey(), entry.getValue().unwrapped().toString()));
    return values;
  }

  /** Whether a key has its value of the reference, which has no keys of a graph. */
  private boolean isDefault(String key) {
    String model = NamedSections.model(key);
    Config reference = Reference.tree();
    return reference.hasPath(model) && tree.getValue(key).equals(reference.getValue(model));
  }

  private Stream<String> keys(String name) {
    return tree.entrySet().stream()
        .map(Map.Entry::getKey)
        .filter(key -> key.equals(name) || key.startsWith(name + "."));
  }

  /** Returns this configuration with absolute paths, which do not depend on the working folder. */
  public TrainConfig withAbsolutePlaces() {
    return of(DecidingKeys.withAbsolutePlaces(tree), new HashSet<>());
  }

  /** Returns the configuration as HOCON with its comments; {@link #read} gives an equal one. */
  public String render() {
    return tree.root()
        .render(
            ConfigRenderOptions.defaults()
                .setOriginComments(false)
                .setComments(true)
                .setJson(false)
                .setFormatted(true));
  }
}
