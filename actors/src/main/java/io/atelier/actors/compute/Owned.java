package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.Critic;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.sampler.DiffusionModel;
import java.util.List;
import java.util.Map;

/** Compute objects that close the scope of the weights they were given. */
final class Owned {

  private Owned() {}

  record OwnedGenerator(Generator inner, DiffusionModel model, NDManager scope)
      implements Generator {
    @Override
    public Held load(NamedTensors policy) {
      return inner.load(policy);
    }

    @Override
    public Sampled sample(GroupId id, Prompt prompt) {
      return inner.sample(id, prompt);
    }

    @Override
    public void close() {
      inner.close();
      model.close();
      scope.close();
    }
  }

  record OwnedPolicy(Policy inner, NDManager scope) implements Policy {
    @Override
    public void learningRate(double learningRate) {
      inner.learningRate(learningRate);
    }

    @Override
    public PolicyStep begin(int step, List<ScoredGroup> groups) {
      return inner.begin(step, groups);
    }

    @Override
    public Gradient gradient(MicroBatch batch, Trajectory trajectory) {
      return inner.gradient(batch, trajectory);
    }

    @Override
    public NamedTensors weights() {
      return inner.weights();
    }

    @Override
    public NamedTensors state() {
      return inner.state();
    }

    @Override
    public void restore(NamedTensors state) {
      inner.restore(state);
    }

    @Override
    public void close() {
      inner.close();
      scope.close();
    }
  }

  record OwnedGradients(Gradients inner, NDManager scope) implements Gradients {
    @Override
    public String load(NamedTensors policy) {
      return inner.load(policy);
    }

    @Override
    public Gradient of(MicroBatch batch, Trajectory trajectory) {
      return inner.of(batch, trajectory);
    }

    @Override
    public void close() {
      inner.close();
      scope.close();
    }
  }

  record OwnedCritic(Critic inner, NDManager scope) implements Critic {
    @Override
    public void every(int steps) {
      inner.every(steps);
    }

    @Override
    public Map<String, Double> update(int step, List<GroupFeatures> groups) {
      return inner.update(step, groups);
    }

    @Override
    public NamedTensors weights() {
      return inner.weights();
    }

    @Override
    public NamedTensors state() {
      return inner.state();
    }

    @Override
    public void restore(NamedTensors state) {
      inner.restore(state);
    }

    @Override
    public void close() {
      inner.close();
      scope.close();
    }
  }
}
