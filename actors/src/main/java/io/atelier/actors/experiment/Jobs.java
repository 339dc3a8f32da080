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

/** Runs jobs, several at a time, each in a process of its own. Thread-safe. */
final class Jobs {

  static final String STOPPED = "stopped; the same command goes on with it";

  private final int parallel;
  private final Consumer<String> say;
  private final List<JobProcess> running = new ArrayList<>();
  private boolean stopping;

  /**
   * @param parallel most runs at a time, at least 1
   * @param say receives progress messages, from several threads
   */
  Jobs(int parallel, Consumer<String> say) {
    this.parallel = parallel;
    this.say = say;
  }

  /**
   * Runs or resumes all of these; the failure of one does not stop the others.
   *
   * @return for each why it is not done; empty if it is
   */
  Map<Job, String> make(List<Job> jobs) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      Map<Job, Future<String>> ends = new LinkedHashMap<>();
      for (int i = 0; i < jobs.size(); i++) {
        Job job = jobs.get(i);
        String place = "%s (%d of %d)".formatted(job.name(), i + 1, jobs.size());
        ends.put(job, threads.submit(() -> make(job, place)));
      }
      Map<Job, String> why = new LinkedHashMap<>();
      for (Map.Entry<Job, Future<String>> end : ends.entrySet()) {
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

  private String make(Job job, String place) throws InterruptedException {
    JobProcess process;
    synchronized (this) {
      if (stopping) {
        return STOPPED;
      }
      process = JobProcess.start(job);
      running.add(process);
    }
    say.accept(place + " begins in " + job.place());
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

  private synchronized void forget(JobProcess process) {
    running.remove(process);
  }

  /** Whether it was asked to stop. */
  synchronized boolean isStopping() {
    return stopping;
  }

  /** Stops all runs after their current steps and checkpoints; a second call stops them at once. */
  synchronized void stop() {
    running.forEach(stopping ? JobProcess::close : JobProcess::stop);
    stopping = true;
  }
}
