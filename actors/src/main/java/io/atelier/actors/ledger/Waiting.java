package io.atelier.actors.ledger;

import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.Worker;
import java.util.ArrayList;
import java.util.List;

/** Describes what the run waits for. */
record Waiting(Books books) {

  private static final int NAMED = 8;

  /**
   * What the run waits for, apart from what single workers do.
   *
   * @param pending of the learners
   */
  List<String> run(List<String> pending) {
    List<String> parts = new ArrayList<>(pending);
    for (Weights weights : Weights.values()) {
      if (books.versions(weights).size() == 0) {
        parts.add("no %s weights are published yet".formatted(weights));
      }
    }
    books.evaluations.open().stream()
        .filter(books.evaluations::awaits)
        .forEach(step -> parts.add("the evaluation of step %d runs".formatted(step)));
    for (Role role : Role.values()) {
      if (books.crew.count(role) == 0) {
        parts.add("there is no %s worker".formatted(role));
      }
    }
    return parts;
  }

  /**
   * All of it, with every worker.
   *
   * @param pending of the learners
   */
  String describe(List<String> pending) {
    List<String> parts = run(pending);
    for (Role role : Role.values()) {
      books.crew.all().stream()
          .filter(w -> w.id.role() == role)
          .map(this::worker)
          .forEach(parts::add);
    }
    waiting(Stage.ADMITTED, "to be generated", parts);
    waiting(Stage.GENERATED, "to be scored", parts);
    return String.join("; ", parts);
  }

  private String worker(Worker worker) {
    String since = " for %d ms".formatted(books.now - worker.since);
    return worker.id
        + switch (worker.state()) {
          case IDLE -> " is idle";
          case LOADING -> " " + worker.loads() + since;
          case LEASED ->
              " works on group %s"
                      .formatted(
                          worker.group().map(g -> g.id.toString()).orElse("that was taken back"))
                  + since;
          case SILENT -> " does not answer, last asked about " + worker.reason + since;
          case GONE -> " is gone: " + worker.reason;
        };
  }

  private void waiting(Stage stage, String what, List<String> parts) {
    List<String> ids =
        books.groups.open().stream()
            .filter(g -> g.stage() == stage)
            .map(g -> g.id.toString())
            .toList();
    if (!ids.isEmpty()) {
      parts.add(
          "%d groups wait %s, first %s"
              .formatted(
                  ids.size(),
                  what,
                  String.join(", ", ids.subList(0, Math.min(NAMED, ids.size())))));
    }
  }
}
