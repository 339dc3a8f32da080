package io.atelier.actors.bench;

import io.atelier.actors.port.Clock;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Copies the same bytes to the same memory, and takes the time. For one thread. */
final class Copies implements Runnable {
  private final ByteBuffer content;
  private final ByteBuffer target;
  private final Clock clock;
  private final List<Double> perSecond = new ArrayList<>();
  private final List<Long> cpuNanos = new ArrayList<>();

  Copies(ByteBuffer content, Clock clock) {
    this.content = content;
    this.target = ByteBuffer.allocateDirect(content.capacity());
    this.clock = clock;
  }

  @Override
  public void run() {
    long cpu = threadCpuNanos();
    long start = clock.nanos();
    target.clear().put(content.duplicate());
    perSecond.add(content.capacity() / (double) (clock.nanos() - start));
    cpuNanos.add(threadCpuNanos() - cpu);
  }

  private static long threadCpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /**
   * The last of them.
   *
   * @param beside the row before whose rounds they were
   */
  Broadcasts.Row last(Broadcasts.Row beside) {
    int count = beside.perSecond().size();
    int all = perSecond.size();
    double cpu =
        cpuNanos.subList(all - count, all).stream().mapToLong(Long::longValue).average().orElse(0);
    return new Broadcasts.Row(
        "copy",
        content.capacity(),
        0,
        beside.warmUp(),
        beside.compiling(),
        perSecond.subList(all - count, all).stream().sorted().toList(),
        cpu / content.capacity(),
        0);
  }
}
