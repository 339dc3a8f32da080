package io.atelier.actors.ledger;

import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.ledger.state.Versions;
import io.atelier.actors.ledger.state.Worker;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Describes a run for people. */
record Overview(Books books, Steps steps) {

  LedgerStatus take() {
    SortedMap<String, Integer> stages = new TreeMap<>();
    for (Stage stage : Stage.values()) {
      stages.put(lower(stage), 0);
    }
    List<LedgerStatus.Node> nodes = books.nodes.status(books.now);
    Set<String> shown = nodes.stream().map(LedgerStatus.Node::name).collect(Collectors.toSet());
    books.groups.open().forEach(group -> stages.merge(lower(group.stage()), 1, Integer::sum));
    return new LedgerStatus(
        steps.trained(),
        steps.last(),
        books.paused,
        stream(Weights.POLICY),
        stream(Weights.CRITIC),
        stages,
        books.groups.counts(),
        new Waiting(books).run(steps.pending()),
        books.crew.all().stream()
            .filter(worker -> worker.present() || shown.contains(worker.id.node()))
            .map(this::worker)
            .toList(),
        nodes,
        new LedgerStatus.Troubles(
            books.nodes.silenced(), books.time.pauses(), books.time.paused()));
  }

  private LedgerStatus.Stream stream(Weights weights) {
    Versions versions = books.versions(weights);
    return new LedgerStatus.Stream(versions.newest(), versions.newestHash(), versions.size());
  }

  private LedgerStatus.Worker worker(Worker worker) {
    boolean waits = worker.state() == Worker.State.IDLE || worker.state() == Worker.State.GONE;
    return new LedgerStatus.Worker(
        worker.id,
        lower(worker.state()),
        worker.version(),
        books.versions(worker.id.role().weights()).hashes().getOrDefault(worker.version(), ""),
        worker.changed,
        worker.group().map(group -> group.id),
        does(worker),
        waits ? 0 : books.now - worker.since);
  }

  private String does(Worker worker) {
    return switch (worker.state()) {
      case IDLE -> idle(worker.id.role());
      case LOADING -> worker.loads();
      case LEASED ->
          worker
              .group()
              .map(g -> (worker.id.role() == Role.ROLLOUT ? "draws " : "scores ") + g.id)
              .orElse("works on a group that was taken back");
      case SILENT -> "does not answer, last asked about " + worker.reason;
      case GONE -> worker.reason.equals("left") ? "left" : "gone: " + worker.reason;
    };
  }

  private String idle(Role role) {
    long wanted = new Assignment(books, steps.next(), steps.last()).wanted(role);
    if (books.versions(role.weights()).exists(wanted)) {
      return books.paused ? "waits for the end of the pause" : "waits for a group";
    }
    return "waits for %s version %d".formatted(role.weights(), wanted);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
