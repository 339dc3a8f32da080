package io.atelier.tests.toy;

import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;

/** Gradients that depend on every bit of the policy, the micro-batch and the trajectory. */
public class ToyGradients implements Gradients {
  private static final int SIZE = 8;

  private NamedTensors policy;

  @Override
  public String load(NamedTensors weights) {
    policy = weights;
    return weights.contentHash();
  }

  @Override
  public Gradient of(MicroBatch batch, Trajectory trajectory) {
    return gradient(policy, batch, trajectory);
  }

  static Gradient gradient(NamedTensors policy, MicroBatch batch, Trajectory trajectory) {
    Bits bits =
        new Bits(9)
            .add(policy)
            .add(batch.group())
            .add(batch.prompt().text())
            .add(Double.doubleToLongBits(batch.weight()))
            .add(trajectory.latents())
            .add(trajectory.logProb());
    for (double advantage : batch.advantages()) {
      bits.add(Double.doubleToLongBits(advantage));
    }
    float[] values = bits.floats(SIZE);
    LossTerms terms = new LossTerms(0, 0, 0, 0, bits.nextFloat(), 0, false, false);
    return new Gradient(
        new NamedTensors(Map.of("weights", new NamedTensors.Tensor(new long[] {SIZE}, values))),
        List.of(terms));
  }

  @Override
  public void close() {}
}
