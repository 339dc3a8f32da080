package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.List;

/**
 * What the blobs of a run take in the store of a node, encoded. Latents travel as two bytes or as
 * four each, whichever loses nothing, and that shows only when they are drawn: so there is a least
 * that is sure, by which a run is refused, and a most, which is printed.
 *
 * @param images bytes of the images of a group, with those that complete states on the way
 * @param trajectory bytes of what a group is learned from, at most
 * @param features bytes of what a critic learns of a group, at most
 * @param perStep groups of a step
 * @param open steps that groups are drawn for at a time
 */
public record StoreNeed(long images, long trajectory, long features, int perStep, int open) {

  /** Values that take four bytes at most take two at least. */
  private static final int LEAST = 2;

  /** For each kind of node: whether it keeps images, and whether the groups of a whole step. */
  enum Kind {
    /** All that there is, in one process. */
    ALL,
    LEARNER,
    ROLLOUT,
    REWARD,
    GRADIENT;

    static final List<Kind> OF_A_CLUSTER = List.of(LEARNER, ROLLOUT, REWARD);
  }

  /**
   * @param featureBytes what the critics are given of an image
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

  /** Bytes of a group in all, at most. */
  long group() {
    return images + trajectory + features;
  }

  /** The most that is on its way at a time. */
  long inFlight() {
    return (long) open * perStep * group();
  }

  /** Without so much the run cannot go on, however long a node waits. */
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
   * @throws InvalidConfigException if it is too small for one step, or one group, with the numbers
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

  /** In words, for the nodes of a cluster. */
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
