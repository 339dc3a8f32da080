package io.atelier.actors.conductor;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.report.StepState;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A checkpoint whose parts come in one by one, all of the same step boundary. */
public final class Checkpointing {

  private final LedgerSnapshot ledger;
  private final Map<Weights, NamedTensors> states = new EnumMap<>(Weights.class);
  private Optional<ConductorCommand.Versions> versions = Optional.empty();
  private Optional<Long> length = Optional.empty();

  Checkpointing(LedgerSnapshot ledger) {
    this.ledger = ledger;
  }

  void captured(Weights weights, NamedTensors state) {
    states.put(weights, state);
  }

  /** The journal is lasting up to this step, at this length. */
  void journaled(long bytes) {
    length = Optional.of(bytes);
  }

  void retained(ConductorCommand.Versions retained) {
    versions = Optional.of(retained);
  }

  /** All versions that a snapshot names. */
  static CompletableFuture<ConductorCommand.Versions> versions(
      LedgerSnapshot snapshot,
      WeightStream<NamedTensors> policy,
      WeightStream<NamedTensors> critic) {
    return fetch(policy, snapshot.policyHashes().keySet())
        .thenCombine(
            fetch(critic, snapshot.criticHashes().keySet()), ConductorCommand.Versions::new);
  }

  private static CompletableFuture<SortedMap<Long, NamedTensors>> fetch(
      WeightStream<NamedTensors> stream, Set<Long> versions) {
    CompletableFuture<SortedMap<Long, NamedTensors>> all =
        CompletableFuture.completedFuture(new TreeMap<>());
    for (long version : versions) {
      all =
          all.thenCombine(
              stream.fetch(version),
              (map, weights) -> {
                map.put(version, weights);
                return map;
              });
    }
    return all;
  }

  /** The whole, once all parts are there. */
  Optional<StepState> complete() {
    if (states.size() < Weights.values().length || versions.isEmpty() || length.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new StepState(
            ledger.step(),
            states.get(Weights.POLICY),
            states.get(Weights.CRITIC),
            versions.get().policy(),
            versions.get().critic(),
            ledger.withJournalLength(length.get())));
  }
}
