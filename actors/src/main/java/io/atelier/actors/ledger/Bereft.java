package io.atelier.actors.ledger;

import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.state.Lengths;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Roles whose nodes were set aside. When none is left the run fails, with what broke the first of
 * them; but a node that was only lost gets as long to come back as the watchdog waits.
 */
final class Bereft {

  private final Books books;
  private final Steps steps;

  /** The first error of the first node of a role that was set aside. */
  private final Map<Role, String> causes = new EnumMap<>(Role.class);

  /** Roles without any node, as reported. */
  private final Set<Role> said = EnumSet.noneOf(Role.class);

  Bereft(Books books, Steps steps) {
    this.books = books;
    this.steps = steps;
  }

  /** A node was set aside. */
  void by(Role role, String reason) {
    causes.putIfAbsent(role, reason);
    look(role);
  }

  /** Checks again, since nodes may have joined or left. */
  void onTick() {
    causes.keySet().forEach(this::look);
  }

  private void look(Role role) {
    if (!books.nodes.able(role).isEmpty()) {
      said.remove(role);
    } else if (books.nodes.capable(role, books.now - books.patience()).isEmpty()) {
      steps.fail("%s, and no %s worker is left".formatted(causes.get(role), role));
    } else if (said.add(role)) {
      books.report(
          "no %s worker is left; the run fails unless one comes within %s: %s"
              .formatted(role, Lengths.text(books.config.limits().watchdog()), causes.get(role)));
    }
  }
}
