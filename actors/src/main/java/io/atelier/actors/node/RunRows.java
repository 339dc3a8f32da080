package io.atelier.actors.node;

import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.protocol.RunStatus;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Figures that come and go with workers, members and the lead, by the name of their gauge or
 * counter.
 */
final class RunRows {

  private final Map<String, List<Row<?>>> rows = new TreeMap<>();

  private final Map<String, Double> totals = new TreeMap<>();

  Map<String, List<Row<?>>> all() {
    return rows;
  }

  /** Counters. */
  Map<String, Double> totals() {
    return totals;
  }

  void members(List<Member> members) {
    long up = members.stream().filter(m -> m.status().equals("up")).count();
    add("atelier.members.up", up);
    add("atelier.members.unreachable", members.stream().filter(m -> !m.reachable()).count());
  }

  void run(RunStatus status) {
    LedgerStatus ledger = status.ledger();
    add("atelier.run.epoch", status.epoch());
    add("atelier.run.paused", ledger.paused() ? 1 : 0);
    ledger.stages().forEach((stage, groups) -> add("atelier.groups.open", groups, "stage", stage));
    totals.put("atelier.nodes.silent", (double) ledger.troubles().silentNodes());
    add(
        "atelier.nodes.set.aside",
        ledger.nodes().stream().filter(n -> !n.setAside().isEmpty()).count());
    totals.put("atelier.conductor.pauses", (double) ledger.troubles().pauses());
    totals.put("atelier.conductor.paused.seconds", ledger.troubles().pausedMillis() / 1e3);
    stream("policy", ledger.policy());
    stream("critic", ledger.critic());
    add(
        "atelier.leases.open",
        ledger.workers().stream().filter(w -> w.lease().isPresent()).count());
    for (LedgerStatus.Worker worker : ledger.workers()) {
      String[] who = {"worker", worker.id().name(), "role", worker.id().role().toString()};
      if (!worker.state().equals("gone")) {
        add("atelier.worker.version", worker.version(), who);
        Double seconds = status.recent().groupSeconds().get(worker.id().name());
        add("atelier.worker.group.seconds", seconds == null ? Double.NaN : seconds, who);
        add("atelier.worker.order.seconds", worker.millis() / 1e3, who);
      }
    }
  }

  private void stream(String weights, LedgerStatus.Stream stream) {
    add("atelier.version.newest", stream.newest(), "weights", weights);
    add("atelier.versions.held", stream.versions(), "weights", weights);
  }

  private void add(String name, double value, String... tags) {
    rows.computeIfAbsent(name, n -> new ArrayList<>()).add(Row.of(Tags.of(tags), value));
  }
}
