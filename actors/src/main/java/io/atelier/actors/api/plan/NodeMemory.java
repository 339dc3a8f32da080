package io.atelier.actors.api.plan;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.machine.Machine;
import io.atelier.models.tensor.DeviceChoice;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;

/**
 * Checks, before a node joins, whether its store can grow to the configured size. A store too large
 * for the machine would end the process in the middle of a run, whereas a smaller one only makes
 * others wait.
 */
public final class NodeMemory {
  private static final long MIB = 1 << 20;

  /** Direct memory other than blobs: buffers of the transport, weights in transfer. */
  private static final long OTHER_DIRECT = 64 * MIB;

  /**
   * Memory limits of a process, in bytes.
   *
   * @param machine memory of the machine, or of the container with a limit
   * @param heap largest heap of the JVM
   * @param direct largest memory of the JVM outside its heap
   */
  record Limits(long machine, long heap, long direct) {

    static Limits here() {
      long heap = Runtime.getRuntime().maxMemory();
      long direct =
          Long.parseLong(
              ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                  .getVMOption("MaxDirectMemorySize")
                  .getValue());
      // the JVM defaults to the size of the heap
      return new Limits(Machine.memory(DeviceChoice.CPU), heap, direct == 0 ? heap : direct);
    }
  }

  private NodeMemory() {}

  /**
   * Checks the store of a node against the limits of this process and the blobs of a run.
   *
   * @param learns whether the node may lead the run
   * @param draws whether the node has rollout workers
   * @param scores whether the node has reward workers
   * @param helps whether the node computes gradients for others
   * @throws InvalidConfigException if the store is too small for the run or too large for the
   *     machine, with the size needed
   */
  public static void require(
      TrainConfig config,
      ComputeFactory compute,
      boolean learns,
      boolean draws,
      boolean scores,
      boolean helps) {
    // features are left out: their size is only known after encoding an image
    StoreNeed need = StoreNeed.of(config, compute, 0);
    Set<StoreNeed.Kind> kinds = EnumSet.noneOf(StoreNeed.Kind.class);
    if (learns) {
      kinds.add(draws ? StoreNeed.Kind.ALL : StoreNeed.Kind.LEARNER);
    }
    if (draws) {
      kinds.add(StoreNeed.Kind.ROLLOUT);
    }
    if (scores) {
      kinds.add(StoreNeed.Kind.REWARD);
    }
    if (helps) {
      kinds.add(StoreNeed.Kind.GRADIENT);
    }
    long store = config.workers().blobBytes();
    kinds.forEach(kind -> need.require(kind, store));
    requireRoom(store, need.images(), Limits.here());
  }

  /**
   * @param store limit of the store
   * @param largest blob that may be read even though the store is full
   */
  static void requireRoom(long store, long largest, Limits limits) {
    long direct = store + largest + OTHER_DIRECT;
    if (direct > limits.direct()) {
      throw new InvalidConfigException(
          "workers.blob-megabytes is %d, which with data in transfer takes %d MiB outside the heap, and the JVM may have %d; set ATELIER_JAVA_OPTS=-XX:MaxDirectMemorySize=%dm, or lower workers.blob-megabytes"
              .formatted(store / MIB, up(direct), limits.direct() / MIB, up(direct)));
    }
    long all = store + largest + limits.heap();
    if (all > limits.machine()) {
      throw new InvalidConfigException(
          "a store of %d MiB (workers.blob-megabytes) and a heap of %d MiB may take %d MiB, and this machine, or its container, has %d; lower workers.blob-megabytes, or the heap by ATELIER_JAVA_OPTS=-Xmx2g"
              .formatted(store / MIB, limits.heap() / MIB, up(all), limits.machine() / MIB));
    }
  }

  private static long up(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
