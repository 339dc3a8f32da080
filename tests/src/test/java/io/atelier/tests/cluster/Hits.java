package io.atelier.tests.cluster;

import io.atelier.actors.port.Seam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Hits a cluster whenever its run has come a few steps further, as often as it is told, and starts
 * nodes again that end, as a launcher does.
 */
@Seam("things go wrong after a while, in processes that this one can only watch")
final class Hits {

  /** What may happen to a node, or to the disk of them all. */
  enum Kind {
    KILL,
    STOP,
    FULL_DISK,
    NO_UDP
  }

  /** Within which a step is trained whatever was hit before; far more than it takes. */
  private static final int STUCK_SECONDS = 300;

  private final LocalCluster cluster;
  private final RunProgress progress;
  private final Network network;
  private final SmallDisk disk;
  private final SplittableRandom random;
  private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
  private final List<String> deeds = new ArrayList<>();
  private final long begun = System.nanoTime();
  private int restarts;

  /** Nobody starts it before its time. */
  private NodeProcess killed;

  /**
   * @param seed decides who is hit, how and when; print it
   */
  Hits(LocalCluster cluster, RunProgress progress, Network network, SmallDisk disk, long seed) {
    this.cluster = cluster;
    this.progress = progress;
    this.network = network;
    this.disk = disk;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Hits so many times, each kind in turn with a kill between two of them.
   *
   * @param steps about as many between two hits; now and then one comes at once
   */
  void hit(int times, int steps) throws IOException, InterruptedException {
    Kind[] order = {
      Kind.KILL, Kind.STOP, Kind.KILL, Kind.NO_UDP, Kind.KILL, Kind.FULL_DISK,
    };
    for (int i = 0; i < times; i++) {
      if (random.nextInt(4) > 0) {
        awaitSteps(1 + random.nextInt(2 * steps - 1));
      }
      Kind kind = order[i % order.length];
      NodeProcess victim = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
      String deed =
          "%d %s %s".formatted(i + 1, kind, kind == Kind.FULL_DISK ? "" : victim.name).strip();
      deeds.add(deed);
      System.out.printf("%4d s, step %d: %s%n", seconds(), progress.trained(), deed);
      switch (kind) {
        case KILL -> kill(victim);
        case STOP -> stop(victim);
        case FULL_DISK -> fillDisk();
        case NO_UDP -> blockUdp(victim);
      }
      done.merge(kind, 1, Integer::sum);
    }
  }

  /** Waits until all nodes have ended well, starting again those that did not. */
  void awaitEnd() throws IOException, InterruptedException {
    while (cluster.nodes().stream().anyMatch(NodeProcess::isAlive)) {
      int before = progress.trained();
      awaitChange(before);
    }
  }

  private void awaitSteps(int steps) throws IOException, InterruptedException {
    int target = progress.trained() + steps;
    while (progress.trained() < target) {
      awaitChange(progress.trained());
    }
  }

  /** Waits until another number of steps is trained, or no node is alive. */
  private void awaitChange(int before) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STUCK_SECONDS);
    while (progress.trained() == before
        && cluster.nodes().stream().anyMatch(NodeProcess::isAlive)) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "no step for %d s after step %d; %s%n%s"
                .formatted(STUCK_SECONDS, before, this, cluster.output()));
      }
      pause(100);
    }
  }

  private void kill(NodeProcess victim) throws IOException, InterruptedException {
    victim.kill();
    killed = victim;
    pause(random.nextInt(2_000));
    killed = null;
    startAgain(victim);
  }

  private void stop(NodeProcess victim) throws IOException, InterruptedException {
    victim.signal("STOP");
    pause(100);
    if (!victim.isStopped()) {
      throw new AssertionError(victim.name + " does not stand still");
    }
    pause(2_000 + random.nextInt(6_000));
    victim.signal("CONT");
  }

  /** Until somebody felt it, and not so long that the run would need a person. */
  private void fillDisk() throws IOException, InterruptedException {
    int before = felt();
    long begin = System.nanoTime();
    long least = TimeUnit.MILLISECONDS.toNanos(1_000 + random.nextInt(4_000));
    disk.fill();
    while (felt() == before || System.nanoTime() - begin < least) {
      if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(60)) {
        throw new AssertionError("nobody felt that the disk is full:\n" + cluster.output());
      }
      pause(100);
      disk.fill(); // an old checkpoint was deleted, say
    }
    disk.free();
  }

  /** How often nodes have said that the disk is full. */
  private int felt() {
    return (int)
        cluster.nodes().stream()
            .flatMap(node -> node.output().lines())
            .filter(line -> line.contains("disk full") || line.contains("No space left"))
            .count();
  }

  private void blockUdp(NodeProcess victim) throws IOException, InterruptedException {
    int node = cluster.nodes().indexOf(victim);
    long before = network.udpDropped(node);
    network.blockUdp(node);
    pause(3_000 + random.nextInt(9_000));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (network.udpDropped(node) == before) { // it may have been started a moment ago
      if (System.nanoTime() > end) {
        throw new AssertionError("no datagram of %s was dropped".formatted(victim.name));
      }
      pause(100);
    }
    network.unblockUdp(node);
  }

  /** Lets time pass, in which nodes that have ended are started again. */
  private void pause(int millis) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    do {
      for (NodeProcess node : cluster.nodes()) {
        if (node != killed && !node.isAlive() && !progress.isOver()) {
          startAgain(node);
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    } while (System.nanoTime() < end);
  }

  /** A launcher would not start one with exit code 2, which means that a person has to act. */
  private void startAgain(NodeProcess node) throws IOException, InterruptedException {
    int code = node.await(1);
    if (code == 2 || code == 0 && !progress.isOver()) {
      throw new AssertionError(
          "%s ended with %d; %s%n%s".formatted(node.name, code, this, node.output()));
    }
    node.start();
    restarts++;
  }

  int done(Kind kind) {
    return done.getOrDefault(kind, 0);
  }

  /** For how long. */
  long seconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
  }

  @Override
  public String toString() {
    return "%s in %d s, %d starts: %s".formatted(done, seconds(), restarts, deeds);
  }
}
