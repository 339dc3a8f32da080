package io.atelier.actors;

import io.atelier.actors.ledger.LedgerSnapshot;
import io.atelier.actors.ledger.Weights;
import io.atelier.models.state.NamedTensors;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** A checkpoint whose parts come in one by one, all of the same step boundary. */
final class Checkpointing {

  private record Retained(
      SortedMap<Long, NamedTensors> policy, SortedMap<Long, NamedTensors> critic) {}

  private final LedgerSnapshot ledger;
  private final Map<Weights, NamedTensors> states = new EnumMap<>(Weights.class);
  private Optional<Retained> versions = Optional.empty();

  Checkpointing(LedgerSnapshot ledger) {
    this.ledger = ledger;
  }

  void captured(Weights weights, NamedTensors state) {
    states.put(weights, state);
  }

  void retained(SortedMap<Long, NamedTensors> policy, SortedMap<Long, NamedTensors> critic) {
    versions = Optional.of(new Retained(policy, critic));
  }

  /** The whole, once all parts are there. */
  Optional<StepState> complete() {
    if (states.size() < Weights.values().length) {
      return Optional.empty();
    }
    return versions.map(
        v ->
            new StepState(
                ledger.step(),
                states.get(Weights.POLICY),
                states.get(Weights.CRITIC),
                v.policy(),
                v.critic(),
                ledger));
  }
}
