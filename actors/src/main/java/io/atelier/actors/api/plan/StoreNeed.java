package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.List;

/**
 * Memory that the encoded blobs of a run take in the store of a node. Latents are sent as two bytes
 * each if that is lossless, otherwise as four, which is only known after sampling: a run is refused
 * by the lower bound, and the upper bound is printed.
 *
 * @param images bytes of the images of a group, including those that complete intermediate states
 * @param trajectory bytes of a group's training data, at most
 * @param features bytes of a group's features for the critic, at most
 * @param perStep groups per step
 * @param open steps for which groups are sampled at a time
 */
public record StoreNeed(long images, long trajectory, long features, int perStep, int open) {

  /** Ratio of upper to lower bound: values take four bytes at most, two at least. */
  private static final int LEAST = 2;

  /** Kinds of nodes, which differ in the blobs that they keep. */
  enum Kind {
    /** All roles, in one process. */
    ALL,
    LEARNER,
    ROLLOUT,
    REWARD,
    GRADIENT;

    static final List<Kind> OF_A_CLUSTER = List.of(LEARNER, ROLLOUT, REWARD);
  }

  /**
   * @param featureBytes bytes of an image's features for the critics
   */
  static StoreNeed of(TrainConfig config, ComputeFactory compute, long featureBytes) {
    VaeConfig vae = compute.folder().vaeConfig();
    RolloutConfig rollout = config.rollout();
    long latent =
        (long) vae.latentChannels()
            * (rollout.height() / vae.factor())
            * (rollout.width() / vae.factor());
    long steps = rollout.window().length();
    boolean clean = config.learner().awm().isPresent(); // no steps travel
    long kept = clean ? 1 : steps + 1 + (config.learner().needsMeans() ? steps : 0);
    boolean completes = config.learner().advantage().credit().needsPotentials();
    long images = rollout.groupSize() + (completes ? rollout.completedImages() : 0);
    return new StoreNeed(
        images * 3L * rollout.height() * rollout.width(),
        rollout.groupSize() * kept * latent * Float.BYTES,
        rollout.groupSize() * featureBytes,
        config.groupsPerStep(),
        config.schedule().depth() + 1);
  }

  /** Total bytes of a group, at most. */
  long group() {
    return images + trajectory + features;
  }

  /** Bytes in flight at a time, at most. */
  long inFlight() {
    return (long) open * perStep * group();
  }

  /** Bytes without which the run cannot make progress, however long a node waits. */
  long least(Kind kind) {
    return switch (kind) {
      case ALL -> perStep * (images + (trajectory + features) / LEAST);
      case LEARNER -> perStep * ((trajectory + features) / LEAST);
      case ROLLOUT -> images + trajectory / LEAST;
      case REWARD -> Math.max(images, features / LEAST);
      case GRADIENT -> trajectory / LEAST;
    };
  }

  /**
   * @param kind of the node that has the store
   * @param limit of the store, in bytes
   * @throws InvalidConfigException if it is too small for one step or one group, with the numbers
   */
  void require(Kind kind, long limit) {
    long least = least(kind);
    if (least <= limit) {
      return;
    }
    boolean step = kind == Kind.ALL || kind == Kind.LEARNER;
    throw new InvalidConfigException(
        "workers.blob-megabytes is %d, and %s takes %d MiB at least %s; raise it, or lower rollout.group-size%s"
            .formatted(
                limit >> 20,
                step ? "a step of %d group(s)".formatted(perStep) : "a group",
                (least + (1 << 20) - 1) >> 20,
                place(kind),
                step ? " or learner.groups-per-step" : ""));
  }

  private static String place(Kind kind) {
    return switch (kind) {
      case ALL -> "in one process";
      case LEARNER -> "on the node that learns";
      case ROLLOUT -> "where it is drawn";
      case REWARD -> "where it is scored";
      case GRADIENT -> "where gradients are computed";
    };
  }

  /** Lines for the user, about the nodes of a cluster. */
  List<String> lines(long limit) {
    return List.of(
        "stores      a group takes %s: %s of images, %s to learn from, %s of features; of a cluster, nodes of the kind"
            .formatted(
                MemoryPlan.bytes(group()),
                MemoryPlan.bytes(images),
                MemoryPlan.bytes(trajectory),
                MemoryPlan.bytes(features)),
        "            learner keep %s for %d step(s) of %d groups, rollout %s and reward %s a group (workers.blob-megabytes is %d)"
            .formatted(
                MemoryPlan.bytes((long) open * perStep * (trajectory + features)),
                open,
                perStep,
                MemoryPlan.bytes(images + trajectory),
                MemoryPlan.bytes(features),
                limit >> 20));
  }
}
