package io.atelier.tests.cluster;

import io.atelier.actors.port.Seam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Kills processes of a cluster at random and starts them again, until the run is done. */
@Seam("things go wrong after a while, in processes that this one can only watch")
final class Chaos {

  private final LocalCluster cluster;
  private final SplittableRandom random;
  private final List<String> deeds = new ArrayList<>();
  private int kills;
  private int stops;

  /**
   * @param seed decides who is hit and when; print it
   */
  Chaos(LocalCluster cluster, long seed) {
    this.cluster = cluster;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Goes on until {@code done} exists, and at most so many times.
   *
   * @param times processes to hit
   * @param pauseMillis mean pause between two of them
   * @param limitSeconds within which {@code done} must exist
   */
  void until(Path done, int times, int pauseMillis, long limitSeconds)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    for (int i = 0; i < times && !sleep(done, pauseMillis / 2 + random.nextInt(pauseMillis)); i++) {
      NodeProcess victim =
          cluster
              .nodes()
              .get(i < cluster.nodes().size() ? i : random.nextInt(cluster.nodes().size()));
      if (random.nextInt(4) == 0) {
        stop(victim, done);
      } else {
        kill(victim, done);
      }
    }
    while (!sleep(done, 200)) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "the run is not done after %d s; %s%n%s"
                .formatted(limitSeconds, deeds, cluster.output()));
      }
    }
  }

  /** Waits until a node has written {@code text}. */
  void awaitOutput(NodeProcess node, String text, long limitSeconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    while (!node.output().contains(text)) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "%s does not say \"%s\":%n%s".formatted(node.name, text, cluster.output()));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private void kill(NodeProcess victim, Path done) throws IOException, InterruptedException {
    deeds.add("kill " + victim.name);
    victim.kill();
    kills++;
    sleep(done, random.nextInt(2_000));
    victim.start();
  }

  private void stop(NodeProcess victim, Path done) throws IOException, InterruptedException {
    deeds.add("stop " + victim.name);
    victim.signal("STOP");
    stops++;
    sleep(done, 2_000 + random.nextInt(6_000));
    victim.signal("CONT");
  }

  /** Waits, but not longer than until {@code done} exists; returns whether it does. */
  private static boolean sleep(Path done, int millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!Files.exists(done) && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return Files.exists(done);
  }

  /** Waits until something is so; fails with some words if it is not in time. */
  static void await(BooleanSupplier what, long limitSeconds, Supplier<String> otherwise) {
    if (!happens(what, limitSeconds)) {
      throw new AssertionError(
          "it is not so after %d s:%n%s".formatted(limitSeconds, otherwise.get()));
    }
  }

  /** Waits until something is so, or it is clear that it does not become so in time. */
  static boolean happens(BooleanSupplier what, long limitSeconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    while (!what.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return true;
  }

  int kills() {
    return kills;
  }

  int stops() {
    return stops;
  }

  @Override
  public String toString() {
    return String.join(", ", deeds);
  }
}
