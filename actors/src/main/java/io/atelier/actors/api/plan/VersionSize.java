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
 * Holds the bytes of a version of the weights, policy or critic, against what carries and keeps it,
 * before a run begins.
 */
public final class VersionSize {

  private static final Logger LOG = LoggerFactory.getLogger(VersionSize.class);

  /** What of the heap is for all else, or half of a heap that is smaller than twice that. */
  private static final long OTHER_HEAP = 512L << 20;

  /** Copies of a version in the bytes that it travels as, which a node keeps beside its values. */
  private static final int ENCODED = 1;

  private VersionSize() {}

  /** Bytes of the values of a policy version. */
  static long bytes(TrainConfig config, ComputeFactory compute) {
    return Float.BYTES * config.model().trained().values(compute.folder().transformerConfig());
  }

  /**
   * Between nodes a version travels in pieces of whole tensors.
   *
   * @throws InvalidConfigException with its size, if that of policy or critic is more than is to be
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
   * Gradients of a micro-batch, which are as large as a version, are kept where images are until
   * the learner has fetched them.
   *
   * @throws InvalidConfigException with their size, if there is no room for one of them
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
   * Gradients that another node computes come in one transfer.
   *
   * @throws InvalidConfigException with their size, if that is too much
   */
  public static void requireGradientsSendable(TrainConfig config, ComputeFactory compute) {
    require(
        policy(config),
        bytes(config, compute),
        TransportConfig.MAX_TRANSFER_BYTES,
        "gradients of that size go in one transfer, which takes %s; do without nodes of"
            + " the role gradient");
  }

  /** The keys of all layers of which a version of the critic consists. */
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
   * Holds {@link #kept} against the heap of this JVM.
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
   * @param learns whether the node trains them, or only holds versions
   * @param scores whether it has workers that score by the critic
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
   * A JVM that runs out of heap ends at once, in the middle of a run. What all weights take is sure
   * and is refused; what is on its way at a time is the most that there can be, and is said.
   *
   * @param states bytes that are kept
   * @param heap the largest that the JVM may get, in bytes
   * @throws InvalidConfigException if that is too little for all weights, with what is needed
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
            + " there is {}; set ATELIER_JAVA_OPTS=-Xmx{}g, lest it ends in the middle",
        MemoryPlan.bytes(needed),
        MemoryPlan.bytes(heap),
        gigabytes);
  }

  private static void require(String what, long bytes, long limit, String rule) {
    // names and shapes are far less than a hundredth, and images need room beside gradients
    if (bytes + bytes / 100 > limit) {
      throw new InvalidConfigException(
          ("%s has %s; " + rule).formatted(what, MemoryPlan.bytes(bytes), MemoryPlan.bytes(limit)));
    }
  }
}
