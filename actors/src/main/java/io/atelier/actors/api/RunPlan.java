package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.Seed;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.ledger.Schedule;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The arithmetic of a run before it starts.
 *
 * @param imagesPerStep images that one learner step takes
 * @param imagesPerUpdate the same by optimizer update
 * @param worstLag most policy versions that a group may be behind the step that trains it
 * @param sampledLatents latents that pass through the velocity network to sample one step's images,
 *     on average, both guidance branches counted; a shared start counts once
 * @param trainedLatents the same for training on them, counted three times for the way back
 * @param modelParameters values of the velocity network
 * @param trainedParameters values of the adapter
 * @param publishBytes bytes of a policy version as it is published
 * @param weightBytes native bytes of all weights of the model that are loaded at a time: what each
 *     rollout worker, the policy learner and the evaluator use of it, merged weights, and the
 *     autoencoder that references pass through
 * @param activationBytes about what the policy learner's largest micro-batch keeps for the way back
 * @param blobBytes bytes of trajectories and images that are in flight at most
 * @param lines all of this in words
 */
public record RunPlan(
    long imagesPerStep,
    double imagesPerUpdate,
    int worstLag,
    long sampledLatents,
    long trainedLatents,
    long modelParameters,
    long trainedParameters,
    long publishBytes,
    long weightBytes,
    long activationBytes,
    long blobBytes,
    List<String> lines) {

  /**
   * Images for each update of the generator where it alternates with the discriminator, as a
   * multiple of the images of a step.
   */
  private static final int ALTERNATING = 5;

  static RunPlan of(TrainConfig config, ComputeFactory compute) {
    RolloutConfig rollout = config.rollout();
    MmditConfig network = compute.folder().transformerConfig();
    VaeConfig vae = compute.folder().vaeConfig();
    long images = (long) config.groupsPerStep() * rollout.groupSize();
    int branches = rollout.guidance() == 1 ? 1 : 2;
    long model = network.parameters();
    long trained = ModelMemory.elements(MmditAdapter.shapes(network, config.model().adapter()));
    long latent =
        (long) vae.latentChannels()
            * (rollout.height() / vae.factor())
            * (rollout.width() / vae.factor());
    int kept = config.learner().loss().needsMeans() ? 3 : 2;
    long group =
        rollout.groupSize()
            * (kept * rollout.window().length() * latent * Float.BYTES
                + 3L * rollout.height() * rollout.width());
    ModelMemory memory = ModelMemory.of(compute.folder());
    int samplers = config.workers().rollout() + (compute.evaluation().isPresent() ? 1 : 0);
    int samples =
        config.learner().microBatch() == 0 ? rollout.groupSize() : config.learner().microBatch();
    RunPlan plan =
        new RunPlan(
            images,
            images / (double) config.learner().updatesPerStep(),
            config.schedule().policyLag(),
            branches * config.groupsPerStep() * latentsOfAGroup(rollout),
            branches * images * 3L * rollout.window().length(),
            model,
            trained,
            trained * Float.BYTES,
            memory.whole(samplers, 1 + config.workers().gradient())
                + (rollout.mergeAdapter()
                    ? config.workers().rollout() * merged(config, network)
                    : 0)
                + (passes(config, compute) ? memory.autoencoder() : 0),
            ModelMemory.activations(
                compute.folder(),
                config.learner().checkpointing(),
                (long) branches * samples,
                latent / vae.latentChannels()),
            (config.schedule().depth() + 1L) * config.groupsPerStep() * group,
            new ArrayList<>());
    plan.describe(config, compute, memory, samplers);
    return plan;
  }

  /** Sampling a group, on average over the places of the trained window. */
  private static long latentsOfAGroup(RolloutConfig rollout) {
    long whole = (long) rollout.steps() * rollout.groupSize();
    if (!rollout.sharedStart()) {
      return whole;
    }
    TrainedWindow window = rollout.window();
    double before = (window.from() + window.to() - window.length()) / 2.0;
    return Math.round(whole - before * (rollout.groupSize() - 1));
  }

  /** Whether the critic has an autoencoder for its references, at the start of a run. */
  private static boolean passes(TrainConfig config, ComputeFactory compute) {
    return config.data().throughVae() && compute.reward().adversarial().isPresent();
  }

  /** Bytes of the adapted weights, of which a sampler that merges has a second set. */
  private static long merged(TrainConfig config, MmditConfig network) {
    Set<String> adapted = new HashSet<>();
    MmditAdapter.shapes(network, config.model().adapter())
        .keySet()
        .forEach(name -> adapted.add(fused(name.replaceFirst("\\.lora_[AB]\\.", "."))));
    Map<String, long[]> weights = network.shapes();
    weights.keySet().removeIf(name -> !adapted.contains(fused(name)));
    return ModelMemory.bytes(weights);
  }

  /** Queries, keys and values of an attention are one weight. */
  private static String fused(String name) {
    return name.replaceFirst("\\.(to|add)_[qkv](_proj)?\\.weight$", ".$1_qkv.weight");
  }

  private void describe(
      TrainConfig config, ComputeFactory compute, ModelMemory memory, int samplers) {
    RolloutConfig rollout = config.rollout();
    add(
        "model       %s: %s parameters, of which the adapter (rank %d) adds %s that are trained",
        config.model().path(),
        count(modelParameters),
        config.model().adapter().rank(),
        count(trainedParameters));
    compute
        .first()
        .ifPresent(file -> add("start       with the adapter in %s, not with zero", file));
    add(
        "data        %d captions to train on, %d %s; %d reference images; reward: %s",
        compute.data().prompts().size(),
        compute.data().heldOut().prompts().size(),
        compute.data().heldOut().trained() ? "of them to measure on" : "held out to measure on",
        compute.data().references().images().count(),
        String.join(" + ", compute.reward().names()));
    add(
        "step        %d groups x %d images = %d images, %d optimizer update(s); %d of %d denoising"
            + " steps trained",
        config.groupsPerStep(),
        rollout.groupSize(),
        imagesPerStep,
        config.learner().updatesPerStep(),
        rollout.window().length(),
        rollout.steps());
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
    add(
        "lag         %s: a group is at most %d policy and %d critic versions behind its step",
        mode(config.schedule()), worstLag, config.schedule().criticLag());
    add(
        "publish     %s of policy weights after each step, to %d rollout worker(s)",
        bytes(publishBytes), config.workers().rollout());
    add(
        "memory      %s native of weights: %d copies of the network (%s) and %d of the autoencoder"
            + " (%s), %s (%s)%s",
        bytes(weightBytes),
        samplers + 1 + config.workers().gradient(),
        bytes(memory.network()),
        samplers,
        bytes(memory.autoencoder()),
        memory.resident()
            ? samplers + " of the text encoders"
            : "the text encoders until all prompts are encoded",
        bytes(memory.textEncoders()),
        passes(config, compute) ? ", and an autoencoder that references pass through" : "");
    add(
        "            about %s more while the policy learns; %s of images and trajectories in flight"
            + " (limit %d MiB)",
        bytes(activationBytes), bytes(blobBytes), config.workers().blobMegabytes());
    add(
        "checkpoint  about %s of policy every %d steps, %d kept; threads %d, seed %s",
        bytes(5 * publishBytes),
        config.checkpoint().every(),
        config.checkpoint().keep(),
        config.run().threads(),
        Seed.text(config.run().seed()));
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

  private static String bytes(long value) {
    return String.format(Locale.ROOT, "%.1f MiB", value / 1048576.0);
  }
}
