package io.atelier.actors.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Makes runs, several at a time, each in a process of its own. Thread-safe. */
final class ExperimentRuns {

  static final String STOPPED = "stopped; the same command goes on with it";

  private final int parallel;
  private final Consumer<String> say;
  private final List<ArmProcess> running = new ArrayList<>();
  private boolean stopping;

  /**
   * @param parallel most runs at a time, at least 1
   * @param say told what is done, from several threads
   */
  ExperimentRuns(int parallel, Consumer<String> say) {
    this.parallel = parallel;
    this.say = say;
  }

  /**
   * Makes all of these, or goes on with them; one that fails does not keep others from it.
   *
   * @return of each why it is not done; empty if it is
   */
  Map<ArmRun, String> make(List<ArmRun> runs) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      Map<ArmRun, Future<String>> ends = new LinkedHashMap<>();
      for (int i = 0; i < runs.size(); i++) {
        ArmRun run = runs.get(i);
        String place = "%s (%d of %d)".formatted(run.name(), i + 1, runs.size());
        ends.put(run, threads.submit(() -> make(run, place)));
      }
      Map<ArmRun, String> why = new LinkedHashMap<>();
      for (Map.Entry<ArmRun, Future<String>> end : ends.entrySet()) {
        why.put(end.getKey(), await(end.getValue()));
      }
      return why;
    } finally {
      threads.shutdownNow();
    }
  }

  private static String await(Future<String> end) throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  private String make(ArmRun run, String place) throws InterruptedException {
    ArmProcess process;
    synchronized (this) {
      if (stopping) {
        return STOPPED;
      }
      process = ArmProcess.start(run);
      running.add(process);
    }
    say.accept(place + " begins in " + run.folder());
    try (process) {
      String why = process.await(say);
      if (isStopping() && !why.isEmpty()) {
        why = STOPPED;
      }
      say.accept(place + (why.isEmpty() ? " is done" : ": " + why));
      return why;
    } finally {
      forget(process);
    }
  }

  private synchronized void forget(ArmProcess process) {
    running.remove(process);
  }

  /** Whether it was asked to stop. */
  synchronized boolean isStopping() {
    return stopping;
  }

  /** Has all runs end after their steps and checkpoints; the second time at once. */
  synchronized void stop() {
    running.forEach(stopping ? ArmProcess::close : ArmProcess::stop);
    stopping = true;
  }
}
