package io.atelier.tests.toy;

import io.atelier.learner.Policy;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import java.util.List;
import java.util.Map;

/** A policy whose update depends on every bit of its groups and on their order. */
public class ToyPolicy implements Policy {
  private final ToyState state = new ToyState(4);

  @Override
  public Map<String, Double> update(int step, List<ScoredGroup> groups) {
    Bits bits = new Bits(5).add(step);
    for (ScoredGroup group : groups) {
      bits.add(group.id().step())
          .add(group.id().slot())
          .add(group.prompt().text())
          .add(group.trajectory().before())
          .add(group.trajectory().after())
          .add(group.trajectory().logProb())
          .add(group.reward())
          .add(group.policyVersion())
          .add(group.criticVersion());
    }
    state.move(bits);
    return Map.of("policy/groups", (double) groups.size());
  }

  @Override
  public NamedTensors weights() {
    return state.weights();
  }

  @Override
  public NamedTensors state() {
    return state.state();
  }

  @Override
  public void restore(NamedTensors from) {
    state.restore(from);
  }

  @Override
  public void close() {}
}
