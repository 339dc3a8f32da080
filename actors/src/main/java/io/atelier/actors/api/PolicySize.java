package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.sd3.WholeNetwork;
import java.util.Locale;

/** Holds the bytes of a policy version against what carries it, before a run begins. */
public final class PolicySize {

  /** What of the heap is for all else. */
  private static final long OTHER_HEAP = 512L << 20;

  /** Copies of a version as it travels: one for each version that is held. */
  private static final int ENCODED = 1;

  private PolicySize() {}

  /** Bytes of the values of a policy version. */
  static long bytes(TrainConfig config, ComputeFactory compute) {
    return Float.BYTES
        * MemoryPlan.elements(
            config.model().trained().shapes(compute.folder().transformerConfig()));
  }

  /**
   * Between nodes a version travels as one piece.
   *
   * @throws InvalidConfigException with its size, if that is more than can be sent
   */
  public static void requireSendable(TrainConfig config, ComputeFactory compute) {
    require(
        config,
        bytes(config, compute),
        config.transport().maxVersionBytes(),
        "nodes send each other at most transport.max-version-bytes, which is %s and can be 2 GiB;"
            + " train in one process by ./atelier train, or set model.train=adapter");
  }

  /**
   * Gradients of a micro-batch, which are as large as a version, are kept where images are until
   * the learner has fetched them.
   *
   * @throws InvalidConfigException with their size, if there is no room for one of them
   */
  public static void requireGradientsKept(TrainConfig config, ComputeFactory compute) {
    require(
        config,
        bytes(config, compute),
        config.workers().blobBytes(),
        "a gradient worker keeps gradients of that size within workers.blob-megabytes, which is"
            + " %s; raise that, or do without gradient workers (workers.gradient=0)");
  }

  /**
   * What one node of a cluster keeps of the policy in its heap.
   *
   * @param learns whether the node trains it, or only holds versions
   * @param resumed whether the run goes on from a checkpoint
   * @throws InvalidConfigException if the heap is smaller
   */
  public static void requireHeap(
      TrainConfig config, ComputeFactory compute, boolean learns, boolean resumed) {
    int copies =
        learns
            ? MemoryPlan.learnerStates(resumed) + 2 * ENCODED
            : MemoryPlan.WORKER_STATES + ENCODED;
    requireHeap(config, compute, copies * bytes(config, compute), Runtime.getRuntime().maxMemory());
  }

  /**
   * A JVM that runs out of heap ends at once, in the middle of a run. Where an adapter is trained,
   * what is kept of it is too little to matter.
   *
   * @param states bytes that are kept
   * @param heap the largest that the JVM may get, in bytes
   * @throws InvalidConfigException if that is too little, with what is needed
   */
  static void requireHeap(TrainConfig config, ComputeFactory compute, long states, long heap) {
    long needed = states + OTHER_HEAP;
    if (config.model().trained() instanceof WholeNetwork && needed > heap) {
      throw new InvalidConfigException(
          ("model.train = full takes about %s of Java heap for the %s of weights of %s, and there is"
                  + " %s; set ATELIER_JAVA_OPTS=-Xmx%dg, or model.train=adapter")
              .formatted(
                  MemoryPlan.bytes(needed),
                  MemoryPlan.bytes(bytes(config, compute)),
                  config.model().path(),
                  MemoryPlan.bytes(heap),
                  (needed >> 30) + 1));
    }
  }

  private static void require(TrainConfig config, long bytes, long limit, String rule) {
    // names and shapes are far less than a hundredth, and images need room beside gradients
    if (bytes + bytes / 100 > limit) {
      throw new InvalidConfigException(
          ("model.train = %s: a version of the policy of %s has %s; " + rule)
              .formatted(
                  config.model().train().name().toLowerCase(Locale.ROOT),
                  config.model().path(),
                  MemoryPlan.bytes(bytes),
                  MemoryPlan.bytes(limit)));
    }
  }
}
