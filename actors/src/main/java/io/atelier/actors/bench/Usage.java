package io.atelier.actors.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * What JVMs have used since they started.
 *
 * @param cpu time of all threads, in nanoseconds
 * @param compiled time that the compilers worked, in nanoseconds
 */
record Usage(long cpu, long compiled) {
  static final Usage NONE = new Usage(0, 0);

  /** Of this JVM. */
  static Usage now() {
    long cpu = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    long millis = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    return new Usage(cpu, TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** What {@link #toString} wrote. */
  static Usage parse(String line) {
    String[] values = line.split(" ");
    return new Usage(Long.parseLong(values[0]), Long.parseLong(values[1]));
  }

  Usage plus(Usage other) {
    return new Usage(cpu + other.cpu, compiled + other.compiled);
  }

  double cpuSecondsUntil(Usage later) {
    return (later.cpu - cpu) * 1e-9;
  }

  @Override
  public String toString() {
    return cpu + " " + compiled;
  }
}
