package io.atelier.learner.grpo;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.MovedCredit;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.CreditMeasures;
import io.atelier.learner.advantage.StepAdvantages;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * GRPO on the trained weights of a network (Flow-GRPO, arXiv 2505.05470; Adv-GRPO, arXiv
 * 2511.20256). The groups of a step are split among its optimizer updates in slot order; the loss
 * of an update is the mean over its samples and their trained steps, without those of dropped
 * groups. Gradients are summed micro-batch by micro-batch: group by group in slot order, within a
 * group by samples, then by trained steps.
 *
 * <p>With AWM ({@link PolicyConfig#awm}) the loss differs, and a row of a group is not a trained
 * step of its sampler but a level of noise added to its images.
 *
 * <p>A micro-batch is a chunk of a group, as it was sampled, at one trained step: if groups were
 * sampled by this policy, the ratios of the first update are exactly 1.
 */
public final class PolicyUpdate implements Policy {
  private static final String PREVIOUS_STD = "advantage.previous-std";

  private final PolicyConfig config;
  private final RolloutConfig rollout;
  private final MicroBatchGradients gradients;
  private final Optimizer trainer;
  private final StepAdvantages advantages;
  private double learningRate;

  /** Starts from the weights of {@link FirstWeights#of}. */
  public PolicyUpdate(
      NDManager parent,
      Denoiser model,
      Trained trained,
      RolloutConfig rollout,
      PolicyConfig config,
      GroupNoise noise) {
    this(
        parent,
        model,
        trained,
        rollout,
        config,
        noise,
        FirstWeights.of(model.network(), trained, noise));
  }

  /**
   * @param parent parent of the learner's own scope
   * @param model model whose network only the learner uses, loaded for {@code trained}
   * @param trained which weights of the network are trained
   * @param rollout how the groups are sampled
   * @param noise the run's randomness
   * @param start initial weights; copied
   */
  public PolicyUpdate(
      NDManager parent,
      Denoiser model,
      Trained trained,
      RolloutConfig rollout,
      PolicyConfig config,
      GroupNoise noise,
      NamedTensors start) {
    this.config = config;
    this.rollout = rollout;
    this.advantages = new StepAdvantages(config.advantage());
    this.learningRate = config.optimizer().learningRate();
    this.gradients = new MicroBatchGradients(parent, model, trained, rollout, config, noise);
    this.trainer =
        new Optimizer(
            gradients.weights(),
            start,
            config.optimizer(),
            config.gradientNorm(),
            config.averageLimit(),
            config.averageInterval());
  }

  @Override
  public void learningRate(double value) {
    learningRate = value;
  }

  @Override
  public PolicyStep begin(int step, List<ScoredGroup> groups) {
    StepGroups.requireComplete(config, rollout.groupSize(), groups);
    double[] rewards = StepGroups.rewards(groups);
    int[] places = StepGroups.places(groups);
    double[][] potentials = StepGroups.potentials(groups);
    int rows = config.rows(groups.get(0).trajectory().steps());
    double[][] limited = advantages.next(rows, rewards, potentials, places);
    Map<String, Double> measured = new TreeMap<>();
    if (config.advantage().credit().needsPotentials()) {
      // only the signs are used, and they do not depend on the standard deviation
      double[] whole = Advantages.of(config.advantage(), rewards, places, OptionalDouble.empty());
      measured.putAll(CreditMeasures.of(whole, limited, rewards, potentials, places));
    }
    double[] moved = StepGroups.movedByPlace(config.loss().places(), groups);
    if (moved.length > 0) {
      measured.put("credit/place-flipped", StepGroups.flippedPlaces(limited, moved));
    }
    measured.put("policy/zero-variance", Advantages.zeroVarianceShare(rewards, places));
    measured.put("policy/reward-std", Advantages.std(rewards));
    measured.put("policy/updates", (double) trainer.updates());
    return step < config.criticOnlySteps()
        ? new IdleStep(
            StepGroups.recorded(config, limited, groups.size()),
            StepGroups.moved(moved, groups),
            StepGroups.means(limited, moved, groups.size()),
            measured)
        : new GrpoStep(
            config,
            trainer,
            gradients,
            groups,
            limited,
            moved,
            rollout.samplesAtOnce(),
            learningRate,
            measured);
  }

  /** A step that does not change the policy. */
  private record IdleStep(
      List<List<double[]>> advantages,
      List<MovedCredit> moved,
      List<double[]> meanAdvantages,
      Map<String, Double> measurements)
      implements PolicyStep {
    @Override
    public Optional<List<MicroBatch>> next() {
      return Optional.empty();
    }

    @Override
    public void compute(MicroBatch batch, Trajectory trajectory) {
      throw idle();
    }

    @Override
    public void add(Gradient gradient) {
      throw idle();
    }

    @Override
    public void apply() {
      throw idle();
    }

    private static IllegalStateException idle() {
      return new IllegalStateException("the policy is not trained in this step");
    }
  }

  @Override
  public Gradient gradient(MicroBatch batch, Trajectory trajectory) {
    return gradients.of(batch, trajectory);
  }

  @Override
  public NamedTensors weights() {
    return trainer.weights();
  }

  @Override
  public NamedTensors state() {
    Map<String, Tensor> state = trainer.state();
    advantages
        .previousStd()
        .ifPresent(
            std -> state.put(PREVIOUS_STD, new Tensor(new long[0], new float[] {(float) std})));
    return new NamedTensors(state);
  }

  @Override
  public void restore(NamedTensors state) {
    trainer.restore(state);
    advantages.restore(
        state.contains(PREVIOUS_STD)
            ? OptionalDouble.of(state.get(PREVIOUS_STD).values()[0])
            : OptionalDouble.empty());
  }

  @Override
  public void close() {
    gradients.close();
  }
}
