package io.atelier.tests.toy;

import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A policy whose update depends on every bit of its groups and on their order. A micro-batch is a
 * group; an optimizer update takes all groups, or as many as the constructor says.
 */
public class ToyPolicy implements Policy {
  private final ToyState state = new ToyState(4);
  private final int groupsPerUpdate;

  public ToyPolicy() {
    this(Integer.MAX_VALUE);
  }

  public ToyPolicy(int groupsPerUpdate) {
    this.groupsPerUpdate = groupsPerUpdate;
  }

  @Override
  public void learningRate(double learningRate) {}

  @Override
  public PolicyStep begin(int step, List<ScoredGroup> groups) {
    return new Step(step, groups);
  }

  private final class Step implements PolicyStep {
    private final int step;
    private final List<ScoredGroup> groups;
    private GradientSum sum = new GradientSum();
    private int done;
    private double ratios;

    private Step(int step, List<ScoredGroup> groups) {
      this.step = step;
      this.groups = groups;
    }

    private int end() {
      return (int) Math.min((long) done + groupsPerUpdate, groups.size());
    }

    @Override
    public Optional<List<MicroBatch>> next() {
      return done == groups.size()
          ? Optional.empty()
          : Optional.of(IntStream.range(done, end()).mapToObj(this::batch).toList());
    }

    private MicroBatch batch(int g) {
      ScoredGroup group = groups.get(g);
      float[] reward = group.reward();
      double[] advantages = IntStream.range(0, reward.length).mapToDouble(i -> reward[i]).toArray();
      for (float[] potential : group.potential()) {
        for (int i = 0; i < advantages.length; i++) {
          advantages[i] = advantages[i] / 3 - potential[i];
        }
      }
      double weight = group.policyVersion() + 1.0 / (1 + group.criticVersion());
      return new MicroBatch(
          g, group.id(), 0, 0, reward.length, group.prompt(), advantages, new float[0], weight);
    }

    @Override
    public void compute(MicroBatch batch, Trajectory trajectory) {
      sum.add(gradient(batch, trajectory));
    }

    @Override
    public void add(Gradient gradient) {
      sum.add(gradient);
    }

    @Override
    public void apply() {
      Bits bits = new Bits(5).add(step);
      for (ScoredGroup group : groups.subList(done, end())) {
        bits.add(group.id().step()).add(group.id().slot());
      }
      sum.gradients().forEach((name, values) -> bits.add(name).add(values));
      ratios += sum.terms().stream().mapToDouble(terms -> terms.ratio()).sum();
      done = end();
      sum = new GradientSum();
      state.move(bits);
    }

    @Override
    public Map<String, Double> measurements() {
      return Map.of("policy/groups", (double) groups.size(), "policy/ratio", ratios);
    }
  }

  @Override
  public Gradient gradient(MicroBatch batch, Trajectory trajectory) {
    return ToyGradients.gradient(weights(), batch, trajectory);
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
