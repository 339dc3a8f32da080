package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.reward.adversarial.PickScoreSpec;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the size of a version of the weights, policy or critic, against the limits of transport
 * and memory, before a run begins.
 */
public final class VersionSize {

  private static final Logger LOG = LoggerFactory.getLogger(VersionSize.class);

  /** Heap for everything else, or half of a heap smaller than twice that. */
  private static final long OTHER_HEAP = 512L << 20;

  /** Encoded copies of a version, as sent, that a node keeps in addition to its values. */
  private static final int ENCODED = 1;

  private VersionSize() {}

  /** Bytes of the values of a policy version. */
  static long bytes(TrainConfig config, ComputeFactory compute) {
    return Float.BYTES * config.model().trained().values(compute.folder().transformerConfig());
  }

  /**
   * Checks that a version can be sent between nodes, in pieces of whole tensors.
   *
   * @throws InvalidConfigException with its size, if that of policy or critic exceeds what may be
   *     sent
   */
  public static void requireSendable(TrainConfig config, ComputeFactory compute) {
    String limit =
        "nodes send each other at most transport.max-version-bytes, which is %s and can be raised;"
            + " train in one process by ./atelier train, or set ";
    require(
        policy(config),
        bytes(config, compute),
        config.transport().maxVersionBytes(),
        limit + "model.train=adapter");
    require(
        "%s: a version of the critic".formatted(trainedLayers(config)),
        CriticMemory.versionBytes(compute),
        config.transport().maxVersionBytes(),
        limit + "a smaller trained-layers");
  }

  /**
   * Checks that the gradients of a micro-batch, which are as large as a version, fit in the blob
   * store, which keeps them until the learner has fetched them.
   *
   * @throws InvalidConfigException with their size, if there is not room for one
   */
  public static void requireGradientsKept(TrainConfig config, ComputeFactory compute) {
    require(
        policy(config),
        bytes(config, compute),
        config.workers().blobBytes(),
        "a gradient worker keeps gradients of that size within workers.blob-megabytes, which is"
            + " %s; raise that, or do without gradient workers (workers.gradient=0)");
  }

  /**
   * Checks that gradients from another node fit in one transfer.
   *
   * @throws InvalidConfigException with their size, if they do not fit
   */
  public static void requireGradientsSendable(TrainConfig config, ComputeFactory compute) {
    require(
        policy(config),
        bytes(config, compute),
        TransportConfig.MAX_TRANSFER_BYTES,
        "gradients of that size go in one transfer, which is limited to %s; do without nodes of"
            + " the role gradient");
  }

  /** The keys of all layers in a version of the critic. */
  private static String trainedLayers(TrainConfig config) {
    return config.reward().supplied().isEmpty()
        ? config.reward().learned().stream()
            .filter(part -> part.kind() == AdversarialKind.PICKSCORE)
            .map(part -> part.section() + ".trained-layers")
            .collect(Collectors.joining(", "))
        : "reward.supplied " + config.reward().supplied();
  }

  private static String policy(TrainConfig config) {
    return "model.train = %s: a version of the policy of %s"
        .formatted(config.model().train().name().toLowerCase(Locale.ROOT), config.model().path());
  }

  /**
   * Checks {@link #kept} against the heap of this JVM.
   *
   * @throws InvalidConfigException if the heap is smaller
   */
  public static void requireHeap(
      TrainConfig config, ComputeFactory compute, boolean learns, boolean scores) {
    requireHeap(
        config, compute, kept(config, compute, learns, scores), Runtime.getRuntime().maxMemory());
  }

  /**
   * Bytes of policy and critic that one node of a cluster keeps in its heap.
   *
   * @param learns whether the node trains them; otherwise it only holds versions
   * @param scores whether it has workers that score with the critic
   */
  public static long kept(
      TrainConfig config, ComputeFactory compute, boolean learns, boolean scores) {
    int copies =
        learns ? MemoryPlan.LEARNER_STATES + 2 * ENCODED : MemoryPlan.WORKER_STATES + ENCODED;
    return copies * bytes(config, compute)
        + CriticMemory.pickScores(compute).stream()
            .mapToLong(spec -> critic(config, compute, spec, learns, scores))
            .sum();
  }

  private static long critic(
      TrainConfig config,
      ComputeFactory compute,
      PickScoreSpec spec,
      boolean learns,
      boolean scores) {
    long bytes = 0;
    if (learns) {
      int references = compute.data().references().images().count();
      bytes += spec.criticBytes(references) + 2 * ENCODED * spec.versionBytes();
    }
    if (scores) {
      bytes += config.workers().reward() * spec.scorerBytes() + ENCODED * spec.versionBytes();
    }
    return bytes;
  }

  /**
   * Checks the heap: a JVM that runs out of it ends in the middle of a run. The size of all weights
   * is certain, so too little heap for them is refused; data in flight is an upper bound, so it is
   * only warned about.
   *
   * @param states bytes that are kept
   * @param heap the largest that the JVM may get, in bytes
   * @throws InvalidConfigException if that is too little for all weights, with the heap needed
   */
  static void requireHeap(TrainConfig config, ComputeFactory compute, long states, long heap) {
    long needed = states + Math.min(OTHER_HEAP, heap / 2);
    if (needed <= heap) {
      return;
    }
    long gigabytes = (needed >> 30) + 1;
    if (config.model().trained() instanceof WholeNetwork) {
      throw new InvalidConfigException(
          ("model.train = full takes about %s of Java heap for the %s of weights of %s, and there is"
                  + " %s; set ATELIER_JAVA_OPTS=-Xmx%dg, or model.train=adapter")
              .formatted(
                  MemoryPlan.bytes(needed),
                  MemoryPlan.bytes(bytes(config, compute)),
                  config.model().path(),
                  MemoryPlan.bytes(heap),
                  gigabytes));
    }
    LOG.warn(
        "this run may take about {} of Java heap for trained weights, images and features, and"
            + " there is {}; set ATELIER_JAVA_OPTS=-Xmx{}g, so that it does not run out of heap",
        MemoryPlan.bytes(needed),
        MemoryPlan.bytes(heap),
        gigabytes);
  }

  private static void require(String what, long bytes, long limit, String rule) {
    // names and shapes take far less than a hundredth, and images need room beside gradients
    if (bytes + bytes / 100 > limit) {
      throw new InvalidConfigException(
          ("%s has %s; " + rule).formatted(what, MemoryPlan.bytes(bytes), MemoryPlan.bytes(limit)));
    }
  }
}
