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
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
 * @param weightBytes native bytes of all copies of the velocity network
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
    long blobBytes,
    List<String> lines) {

  /** Images per generator update of the alternating loop, as a multiple of the images of a step. */
  private static final int ALTERNATING = 5;

  static RunPlan of(TrainConfig config, ComputeFactory compute) {
    RolloutConfig rollout = config.rollout();
    MmditConfig network = compute.folder().transformerConfig();
    VaeConfig vae = compute.folder().vaeConfig();
    long images = (long) config.groupsPerStep() * rollout.groupSize();
    int branches = rollout.guidance() == 1 ? 1 : 2;
    long model = elements(network.shapes());
    long trained = elements(MmditAdapter.shapes(network, config.model().adapter()));
    long latent =
        (long) vae.latentChannels()
            * (rollout.height() / vae.factor())
            * (rollout.width() / vae.factor());
    int kept = config.learner().loss().needsMeans() ? 3 : 2;
    long group =
        rollout.groupSize()
            * (kept * rollout.window().length() * latent * Float.BYTES
                + 3L * rollout.height() * rollout.width());
    int copies = config.workers().rollout() + 1 + (compute.evaluation().isPresent() ? 1 : 0);
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
            copies * model * Float.BYTES,
            (config.schedule().depth() + 1L) * config.groupsPerStep() * group,
            new ArrayList<>());
    plan.describe(config, compute, copies);
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

  private static long elements(Map<String, long[]> shapes) {
    long sum = 0;
    for (long[] shape : shapes.values()) {
      long size = 1;
      for (long extent : shape) {
        size *= extent;
      }
      sum += size;
    }
    return sum;
  }

  private void describe(TrainConfig config, ComputeFactory compute, int copies) {
    RolloutConfig rollout = config.rollout();
    add(
        "model       %s: %s parameters, of which the adapter (rank %d) adds %s that are trained",
        config.model().path(),
        count(modelParameters),
        config.model().adapter().rank(),
        count(trainedParameters));
    add(
        "data        %d captions, %d reference images; reward: %s",
        compute.data().prompts().size(),
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
            + " generator would take %.0f)",
        config.run().steps(),
        config.run().steps() * imagesPerStep,
        imagesPerUpdate,
        ALTERNATING * imagesPerUpdate);
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
        "memory      %s native for %d copies of the network, %s of images and trajectories in"
            + " flight (limit %d MiB)",
        bytes(weightBytes), copies, bytes(blobBytes), config.workers().blobMegabytes());
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
