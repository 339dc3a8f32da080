package io.atelier.actors.conductor;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.StepReport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The last steps of a run, and the last groups of each worker, by node. */
final class Recently {

  private static final int STEPS = 20;
  private static final int GROUPS = 20;

  private final Deque<StepReport> steps = new ArrayDeque<>();
  private final Map<String, SortedMap<String, Deque<Long>>> nanos = new HashMap<>();

  void stepped(StepReport report) {
    steps.addLast(report);
    if (steps.size() > STEPS) {
      steps.removeFirst();
    }
  }

  void worked(WorkerId worker, Span span) {
    Deque<Long> spans =
        nanos
            .computeIfAbsent(worker.node(), node -> new TreeMap<>())
            .computeIfAbsent(worker.name(), name -> new ArrayDeque<>());
    spans.addLast(span.end() - span.start());
    if (spans.size() > GROUPS) {
      spans.removeFirst();
    }
  }

  void forget(String node) {
    nanos.remove(node);
  }

  RunStatus.Recent status() {
    double seconds = steps.stream().mapToDouble(StepReport::seconds).sum();
    long images = steps.stream().mapToLong(StepReport::images).sum();
    SortedMap<Integer, Integer> lags = new TreeMap<>();
    steps.forEach(step -> step.lags().forEach((lag, n) -> lags.merge(lag, n, Integer::sum)));
    SortedMap<String, Double> groupSeconds = new TreeMap<>();
    for (SortedMap<String, Deque<Long>> workers : nanos.values()) {
      workers.forEach(
          (worker, spans) ->
              groupSeconds.put(
                  worker, spans.stream().mapToLong(Long::longValue).average().orElse(0) / 1e9));
    }
    return new RunStatus.Recent(
        steps.size(),
        steps.isEmpty() ? 0 : seconds / steps.size(),
        seconds == 0 ? 0 : images / seconds,
        lags,
        steps.isEmpty() ? new TreeMap<>() : new TreeMap<>(steps.getLast().idle()),
        groupSeconds);
  }
}
