package io.atelier.actors.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Several receivers. */
final class Children implements AutoCloseable {
  private final List<Child> children;
  private final Usage[] used;

  private Children(List<Child> children) {
    this.children = children;
    this.used = new Usage[children.size()];
    Arrays.fill(used, Usage.NONE);
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
    for (int i = 0; i < used.length; i++) {
      used[i] = children.get(i).awaitDone();
    }
  }

  /** What all together had used at the end of their last round. */
  Usage usage() {
    return Arrays.stream(used).reduce(Usage.NONE, Usage::plus);
  }

  @Override
  public void close() {
    children.forEach(Child::close);
  }
}
