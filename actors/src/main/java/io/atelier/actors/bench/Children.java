package io.atelier.actors.bench;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Several receivers. */
final class Children implements AutoCloseable {
  private final List<Child> children;
  private final long[] cpuNanos;

  private Children(List<Child> children) {
    this.children = children;
    this.cpuNanos = new long[children.size()];
  }

  /**
   * Starts receivers and waits until all listen.
   *
   * @param processors on which they are to run, if that is not left to the kernel
   */
  static Children start(int count, Optional<Processors> processors, String... arguments) {
    Children all =
        new Children(
            IntStream.range(0, count).mapToObj(i -> Child.start(processors, arguments)).toList());
    try {
      all.children.forEach(Child::awaitReady);
      return all;
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  int count() {
    return children.size();
  }

  void tell(String line) {
    children.forEach(child -> child.tell(line));
  }

  /** Waits until the last one has everything. */
  void awaitDone() {
    for (int i = 0; i < cpuNanos.length; i++) {
      cpuNanos[i] = children.get(i).awaitDone();
    }
  }

  /** CPU time of all together at the end of their last round. */
  long cpuNanos() {
    long sum = 0;
    for (long nanos : cpuNanos) {
      sum += nanos;
    }
    return sum;
  }

  @Override
  public void close() {
    children.forEach(Child::close);
  }
}
