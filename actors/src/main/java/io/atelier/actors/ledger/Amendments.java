package io.atelier.actors.ledger;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Amendment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Values that differ from the configuration, each from some step on. */
final class Amendments {
  private final List<Amendment> all = new ArrayList<>();

  /** Adds the amendments of an earlier process, in order. */
  void addAll(List<Amendment> before) {
    all.addAll(before);
  }

  Amendment add(int from, String key, double value, String why) {
    Amendment amendment = new Amendment(from, key, value, why);
    all.add(amendment);
    return amendment;
  }

  /** The amended values of a step by key; of two amendments of a key the later one counts. */
  SortedMap<String, Double> inForce(int step) {
    SortedMap<String, Double> values = new TreeMap<>();
    all.stream()
        .filter(amendment -> amendment.from() <= step)
        .forEach(amendment -> values.put(amendment.key(), amendment.value()));
    return values;
  }

  /** Journal entries of the amendments that begin with a step. */
  List<LedgerEntry> entries(int step) {
    return all.stream()
        .filter(amendment -> amendment.from() == step)
        .<LedgerEntry>map(
            own -> new LedgerEntry.Amended(own.from(), own.key(), own.value(), own.why()))
        .toList();
  }
}
