package io.atelier.tests.toy;

import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.Critic;
import java.util.List;
import java.util.Map;

/** A critic whose update depends on every bit of its groups and on their order. */
public class ToyCritic implements Critic {
  private final ToyState state = new ToyState(6);

  @Override
  public Map<String, Double> update(int step, List<GroupFeatures> groups) {
    Bits bits = new Bits(7).add(step);
    for (GroupFeatures group : groups) {
      bits.add(group.id().step()).add(group.id().slot()).add(group.features());
    }
    state.move(bits);
    return Map.of("critic/groups", (double) groups.size());
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
