package io.atelier.actors.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** From which steps on which values are others than in the configuration. */
final class Amendments {
  private final List<Amendment> all = new ArrayList<>();

  /** Those that were made before, in their order. */
  void addAll(List<Amendment> before) {
    all.addAll(before);
  }

  Amendment add(int from, String key, double value, String why) {
    Amendment amendment = new Amendment(from, key, value, why);
    all.add(amendment);
    return amendment;
  }

  /** What is another value in a step; the later one counts. */
  SortedMap<String, Double> inForce(int step) {
    SortedMap<String, Double> values = new TreeMap<>();
    all.stream()
        .filter(amendment -> amendment.from() <= step)
        .forEach(amendment -> values.put(amendment.key(), amendment.value()));
    return values;
  }

  /** What the journal says of those that begin with a step. */
  List<LedgerEntry> entries(int step) {
    return all.stream()
        .filter(amendment -> amendment.from() == step)
        .<LedgerEntry>map(
            own -> new LedgerEntry.Amended(own.from(), own.key(), own.value(), own.why()))
        .toList();
  }
}
