package io.atelier.actors.cluster;

import io.atelier.actors.RunStatus;
import io.atelier.actors.ledger.Counts;
import io.atelier.actors.ledger.LedgerStatus;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Figures that come and go with workers, members and the lead, by the name of their gauge. */
final class RunRows {

  private final Map<String, List<Row<?>>> rows = new TreeMap<>();

  Map<String, List<Row<?>>> all() {
    return rows;
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
    add("atelier.steps.trained", ledger.trained());
    add("atelier.steps.planned", ledger.last());
    ledger.stages().forEach((stage, groups) -> add("atelier.groups.open", groups, "stage", stage));
    groups(ledger.counts());
    add("atelier.nodes.silent", ledger.troubles().silentNodes());
    add(
        "atelier.nodes.set.aside",
        ledger.nodes().stream().filter(n -> !n.setAside().isEmpty()).count());
    add("atelier.conductor.pauses", ledger.troubles().pauses());
    add("atelier.conductor.paused.seconds", ledger.troubles().pausedMillis() / 1e3);
    stream("policy", ledger.policy());
    stream("critic", ledger.critic());
    recent(status.recent());
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

  private void groups(Counts counts) {
    add("atelier.groups", counts.admitted(), "what", "admitted");
    add("atelier.groups", counts.trained(), "what", "trained");
    add("atelier.groups", counts.dropped(), "what", "dropped");
    add("atelier.groups", counts.regenerated(), "what", "regenerated");
    add("atelier.groups", counts.released(), "what", "released");
    add("atelier.groups", counts.discarded(), "what", "discarded");
  }

  private void stream(String weights, LedgerStatus.Stream stream) {
    add("atelier.version.newest", stream.newest(), "weights", weights);
    add("atelier.versions.held", stream.versions(), "weights", weights);
  }

  private void recent(RunStatus.Recent recent) {
    add("atelier.step.seconds", recent.stepSeconds());
    add("atelier.images.per.second", recent.imagesPerSecond());
    recent
        .lags()
        .forEach((lag, groups) -> add("atelier.lag.groups", groups, "lag", Integer.toString(lag)));
    recent.idle().forEach((role, share) -> add("atelier.idle.share", share, "role", role));
  }

  private void add(String name, double value, String... tags) {
    rows.computeIfAbsent(name, n -> new ArrayList<>()).add(Row.of(Tags.of(tags), value));
  }
}
