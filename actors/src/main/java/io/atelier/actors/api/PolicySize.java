package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import java.util.Locale;

/** Holds the bytes of a policy version against what carries it, before a run begins. */
public final class PolicySize {

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
