package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.section.Seed;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.reward.graph.NodeText;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The numbers of a run before it starts.
 *
 * @param imagesPerStep images per learner step
 * @param imagesPerUpdate images per optimizer update
 * @param worstLag most policy versions that a group may be behind the step that trains it
 * @param sampledLatents latents that pass through the velocity network to sample one step's images,
 *     on average, both guidance branches counted; a shared start counts once. Includes those that
 *     complete intermediate states for credit by step
 * @param completedImages images of a step that are sampled and scored for that
 * @param completionLatents the share of {@code sampledLatents} for them
 * @param trainedLatents the same for training on them, counted three times for the backward pass
 * @param modelParameters values of the velocity network
 * @param trainedParameters values that are trained
 * @param publishBytes bytes of a published policy version
 * @param memory approximate memory of one process that computes the whole run
 * @param lines the plan as lines for the user
 */
public record RunPlan(
    long imagesPerStep,
    double imagesPerUpdate,
    int worstLag,
    long sampledLatents,
    long completedImages,
    long completionLatents,
    long trainedLatents,
    long modelParameters,
    long trainedParameters,
    long publishBytes,
    MemoryPlan memory,
    List<String> lines) {

  /**
   * Images per generator update if it alternates with the discriminator, as a multiple of the
   * images of a step.
   */
  private static final int ALTERNATING = 5;

  /**
   * @param memory that of this run
   */
  public static RunPlan of(
      TrainConfig config, ComputeFactory compute, MemoryPlan memory, Speeds speeds) {
    RolloutConfig rollout = config.rollout();
    MmditConfig network = compute.folder().transformerConfig();
    long images = (long) config.groupsPerStep() * rollout.groupSize();
    int branches = VelocityField.branches(rollout.guidance());
    long model = network.parameters();
    long trained = config.model().trained().values(network);
    boolean completes = config.learner().advantage().credit().needsPotentials();
    long completions =
        completes ? branches * config.groupsPerStep() * completionsOfAGroup(rollout) : 0;
    RunPlan plan =
        new RunPlan(
            images,
            images / (double) config.learner().updatesPerStep(),
            config.schedule().policyLag(),
            branches * config.groupsPerStep() * latentsOfAGroup(rollout) + completions,
            completes ? (long) config.groupsPerStep() * rollout.completedImages() : 0,
            completions,
            branches * images * 3L * config.learner().rows(rollout.window().length()),
            model,
            trained,
            trained * Float.BYTES,
            memory,
            new ArrayList<>());
    plan.describe(config, compute, speeds);
    return plan;
  }

  /** Latents to sample a group, on average over the positions of the trained window. */
  private static long latentsOfAGroup(RolloutConfig rollout) {
    long whole = (long) rollout.steps() * rollout.groupSize();
    if (!rollout.sharedStart()) {
      return whole;
    }
    return Math.round(whole - before(rollout.window()) * (rollout.groupSize() - 1));
  }

  /** The same for completing the states before its trained steps, from each to the end. */
  private static long completionsOfAGroup(RolloutConfig rollout) {
    int length = rollout.window().length();
    double left = rollout.steps() - before(rollout.window());
    double all = 0;
    for (int t = 0; t < length; t++) {
      all += (left - t) * (t == 0 && rollout.sharedStart() ? 1 : rollout.groupSize());
    }
    return Math.round(all);
  }

  /** Steps before the trained ones, on average. */
  private static double before(TrainedWindow window) {
    return (window.from() + window.to() - window.length()) / 2.0;
  }

  private void describe(TrainConfig config, ComputeFactory compute, Speeds speeds) {
    RolloutConfig rollout = config.rollout();
    if (config.model().trained() instanceof AdapterConfig adapter) {
      add(
          "model       %s: %s parameters, of which the adapter (rank %d) adds %s that are trained",
          config.model().path(), count(modelParameters), adapter.rank(), count(trainedParameters));
    } else if (!config.model().targets().isEmpty()) {
      add(
          "model       %s: %s parameters, of which %s are trained, those of %s",
          config.model().path(),
          count(modelParameters),
          count(trainedParameters),
          String.join(", ", config.model().targets()));
    } else {
      add(
          "model       %s: all of its %s parameters are trained",
          config.model().path(), count(trainedParameters));
    }
    compute
        .first()
        .ifPresent(file -> add("start       with the adapter in %s, not with zero", file));
    add(
        "data        %d captions to train on, %d %s; %d reference images; reward: %s",
        compute.data().prompts().size(),
        compute.data().heldOut().prompts().size(),
        compute.data().heldOut().trained() ? "of them to measure on" : "held out to measure on",
        compute.data().references().images().count(),
        compute.reward().graph().isPresent()
            ? "as drawn here"
            : String.join(" + ", compute.reward().names()));
    compute.reward().graph().ifPresent(this::draw);
    config.reward().learned().forEach(this::describePrior);
    Ensembles.lines(compute.reward().taught()).forEach(lines::add);
    for (HttpRewardConfig part : config.reward().asked()) {
      add(
          "server      %s is scored by %s, which gets %s images; this plan does not ask it",
          part.name(), part.server().url(), part.images().key());
    }
    for (JudgeConfig part : config.reward().judged()) {
      long calls = part.calls(rollout.groupSize());
      add(
          "judge       %s is %s at %s: %d calls a group, %d a step; this plan does not ask it",
          part.name(),
          part.question().model(),
          part.server().url(),
          calls,
          calls * config.groupsPerStep());
    }
    for (String need : RewardNeeds.lines(config)) {
      add("needs       %s", need);
    }
    for (String line : Checks.lines(config.reward(), compute.data().prompts())) {
      add("checks      %s", line);
    }
    add(
        "step        %d groups x %d images = %d images, %d optimizer update(s); %s",
        config.groupsPerStep(),
        rollout.groupSize(),
        imagesPerStep,
        config.learner().updatesPerStep(),
        learnedFrom(config));
    add(
        "run         %d steps = %d images, %.0f for each update (alternating discriminator and"
            + " generator would take %d)",
        config.run().steps(),
        config.run().steps() * imagesPerStep,
        imagesPerUpdate,
        ALTERNATING * imagesPerStep);
    add(
        "network     %d latents a step: sampling %d, training (counted three times) %d",
        sampledLatents + trainedLatents, sampledLatents, trainedLatents);
    if (completedImages > 0) {
      add(
          "credit      by step: %d images more a step, from the states before trained steps, are drawn and scored, which takes %d of the sampled latents",
          completedImages, completionLatents);
    }
    PlaceConfig places = config.learner().loss().places();
    if (places.moves()) {
      add(
          "credit      by place, told by %s: each of the %d places of an image gets at most %s more or less than its advantage",
          places.source().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          PlaceGrid.COUNT,
          places.alpha());
    }
    lines.addAll(TimePlan.lines(config, compute.folder(), speeds, sampledLatents, trainedLatents));
    add(
        "lag         %s: a group is at most %d policy and %d critic versions behind its step",
        mode(config.schedule()), worstLag, config.schedule().criticLag());
    add(
        "publish     %s of policy weights after each step, to %d rollout worker(s)%s",
        MemoryPlan.bytes(publishBytes),
        config.workers().rollout(),
        published(CriticMemory.versionBytes(compute)));
    lines.addAll(memory.lines(config.workers().blobBytes()));
    add(
        "checkpoint  about %s of policy every %d steps, %d kept; threads %d, seed %s",
        MemoryPlan.bytes(5 * publishBytes),
        config.checkpoint().every(),
        config.checkpoint().keep(),
        config.run().threads(),
        Seed.text(config.run().seed()));
  }

  private void describePrior(AdversarialConfig part) {
    part.discriminator()
        .residual()
        .ifPresent(
            residual ->
                add(
                    "prior       the critic of %s learns what %s, standardised over the references and times %s, is wrong about%s",
                    part.name(),
                    residual.prior(),
                    residual.scale(),
                    residual.seesPrior() ? "; its head sees it" : ""));
  }

  private static String learnedFrom(TrainConfig config) {
    RolloutConfig rollout = config.rollout();
    return config
        .learner()
        .awm()
        .map(awm -> "each image learned from at %d noise levels".formatted(awm.times().count()))
        .orElseGet(
            () ->
                "%d of %d denoising steps trained"
                    .formatted(rollout.window().length(), rollout.steps()));
  }

  private void draw(RewardGraph graph) {
    List<String> drawn = NodeText.lines(graph.root());
    for (int i = 0; i < drawn.size(); i++) {
      add("%-12s%s", i == 0 ? "reward" : "", drawn.get(i));
    }
  }

  private static String published(long critics) {
    return critics == 0 ? "" : "; %s of critic weights".formatted(MemoryPlan.bytes(critics));
  }

  private static String mode(Schedule schedule) {
    return switch (schedule.mode()) {
      case SYNC -> "sync";
      case FIXED_LAG -> "fixed-lag";
      case FREE_RUNNING -> "free-running";
    };
  }

  private void add(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values));
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%.2f M", value / 1e6);
  }
}
