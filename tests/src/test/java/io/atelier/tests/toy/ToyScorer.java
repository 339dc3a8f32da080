package io.atelier.tests.toy;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;
import java.util.Optional;

/** Gives rewards and features that depend on every bit of the critic and of the images. */
public class ToyScorer implements GroupScorer {
  private NamedTensors critic = new NamedTensors(Map.of());

  @Override
  public Held load(NamedTensors weights) {
    NamedTensors before = critic;
    critic = weights;
    return Held.of(before, weights);
  }

  @Override
  public Result score(ImageGroup group, Runnable encoded) {
    Bits bits =
        new Bits(2)
            .add(critic)
            .add(group.images().rgb())
            .add(group.policyHash())
            .add(group.policyVersion());
    float[] rewards = bits.floats(group.images().count());
    if (critic.names().isEmpty()) {
      return new Result(new Reward.Scored(rewards, Map.of("toy", rewards)), Optional.empty());
    }
    // Features are frozen: they do not depend on the critic.
    float[] features = new Bits(3).add(group.images().rgb()).floats(2 * group.images().count());
    NamedTensors tensors =
        new NamedTensors(
            Map.of(
                "pool", new NamedTensors.Tensor(new long[] {group.images().count(), 2}, features)));
    return new Result(
        new Reward.Scored(rewards, Map.of("toy", rewards)),
        Optional.of(new GroupFeatures(group.id(), group.prompt(), tensors)));
  }

  @Override
  public void close() {}
}
