package io.atelier.learner.grpo;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Policy;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.loss.LossMeans;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.PromptConditions;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * GRPO on a low-rank adapter (Flow-GRPO, arXiv 2505.05470; Adv-GRPO, arXiv 2511.20256). The groups
 * of a step are split among its optimizer updates in slot order; the loss of an update is the mean
 * over its samples and their trained steps. Gradients are summed group by group, in slot order.
 *
 * <p>Where groups were sampled by this policy, through an attached (not merged) adapter and with
 * whole groups as micro-batches, the ratios of the first update are exactly 1.
 */
public final class PolicyUpdate implements Policy {
  private static final String PREVIOUS_STD = "advantage.previous-std";
  private static final float[] NONE = {};

  private final NDManager scope;
  private final PolicyConfig config;
  private final MmditAdapter adapter;
  private final AdapterTrainer trainer;
  private final PolicyGradient gradient;
  private final PromptConditions prompts;
  private OptionalDouble previousStd = OptionalDouble.empty();

  /**
   * @param parent scope in which the learner makes its own, which it closes
   * @param model its network is the learner's alone: the adapter is put into it
   * @param rollout how the groups are sampled
   * @param noise the run's randomness, for the first weights
   */
  public PolicyUpdate(
      NDManager parent,
      DiffusionModel model,
      AdapterConfig adapter,
      RolloutConfig rollout,
      PolicyConfig config,
      GroupNoise noise) {
    config.loss().requireFits(rollout.kind());
    this.scope = parent.newSubManager();
    this.config = config;
    this.adapter = new MmditAdapter(scope, model.network(), adapter);
    this.trainer =
        new AdapterTrainer(
            scope,
            this.adapter,
            FirstWeights.gaussian(model.network().config(), adapter, noise),
            config.optimizer(),
            config.gradientNorm(),
            config.averageLimit(),
            config.averageInterval());
    this.adapter.attach();
    this.gradient =
        new PolicyGradient(
            scope,
            this.adapter,
            new VelocityField(model.network(), rollout.guidance()),
            model.schedule(rollout.steps()),
            rollout.kind(),
            rollout.noiseLevel(),
            config.loss());
    this.prompts =
        new PromptConditions(scope, model.text(), rollout.guidance() != 1, rollout.promptCache());
  }

  @Override
  public Map<String, Double> update(int step, List<ScoredGroup> groups) {
    requireComplete(groups);
    double[] rewards = rewards(groups);
    int[] places = places(groups);
    double[] advantages = Advantages.of(config.advantage(), rewards, places, previousStd);
    limit(advantages, config.advantage().limit());
    Map<String, Double> measured = new TreeMap<>();
    measured.put("policy/zero-variance", Advantages.zeroVarianceShare(rewards, places));
    measured.put("policy/reward-std", Advantages.std(rewards));
    if (config.advantage().spread() == Spread.PREVIOUS_BATCH) {
      // Rounded to what a checkpoint holds, so that a resumed run goes on with the same bits.
      previousStd = OptionalDouble.of((float) Advantages.std(rewards));
    }
    if (step >= config.criticOnlySteps()) {
      measured.putAll(train(groups, advantages));
    }
    measured.put("policy/updates", (double) trainer.updates());
    return measured;
  }

  private Map<String, Double> train(List<ScoredGroup> groups, double[] advantages) {
    List<float[]> proximal = proximal(groups);
    LossMeans means = new LossMeans();
    double norm = 0;
    double rate = 0;
    int share = groups.size() / config.updatesPerStep();
    int samples = advantages.length / groups.size();
    for (int update = 0; update < config.updatesPerStep(); update++) {
      for (int g = update * share; g < (update + 1) * share; g++) {
        double[] own = Arrays.copyOfRange(advantages, g * samples, (g + 1) * samples);
        int steps = groups.get(g).trajectory().stepIndex().length;
        double weight = 1.0 / ((double) share * samples * steps);
        accumulate(groups.get(g), own, proximal.get(g), weight, means);
      }
      rate = rateFactor();
      norm += trainer.step(rate) / config.updatesPerStep();
      trainer.average();
    }
    Map<String, Double> measured = means.measurements();
    measured.put("policy/gradient-norm", norm);
    measured.put("policy/learning-rate", rate * config.optimizer().learningRate());
    return measured;
  }

  private void accumulate(
      ScoredGroup group, double[] advantages, float[] proximal, double weight, LossMeans means) {
    boolean silent = Arrays.stream(advantages).allMatch(a -> a == 0);
    if (silent && !config.loss().needsReference()) {
      return; // its gradient is zero
    }
    Conditions conditions = prompts.of(group.prompt().text());
    Trajectory whole = group.trajectory();
    int steps = whole.stepIndex().length;
    int batch = advantages.length;
    int size = config.microBatch() == 0 ? batch : config.microBatch();
    for (int from = 0; from < batch; from += size) {
      int to = from + size;
      float[] part =
          proximal.length == 0 ? NONE : MicroBatches.columns(proximal, steps, batch, 1, from, to);
      gradient
          .accumulate(
              conditions,
              MicroBatches.slice(whole, from, to),
              Arrays.copyOfRange(advantages, from, to),
              part,
              weight)
          .forEach(step -> step.forEach(means::add));
    }
  }

  /**
   * Log-probabilities under the policy before the first update, for the groups of later updates.
   * The first update needs none: there the policy is the proximal one.
   */
  private List<float[]> proximal(List<ScoredGroup> groups) {
    int share = groups.size() / config.updatesPerStep();
    List<float[]> proximal = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      boolean needed = config.loss().staleness() == Staleness.DECOUPLED && g >= share;
      proximal.add(needed ? logProbs(groups.get(g)) : NONE);
    }
    return proximal;
  }

  private float[] logProbs(ScoredGroup group) {
    Conditions conditions = prompts.of(group.prompt().text());
    Trajectory whole = group.trajectory();
    int steps = whole.stepIndex().length;
    int batch = whole.logProb().length / steps;
    int size = config.microBatch() == 0 ? batch : config.microBatch();
    float[] logProbs = new float[steps * batch];
    for (int from = 0; from < batch; from += size) {
      float[] part = gradient.logProbs(conditions, MicroBatches.slice(whole, from, from + size));
      for (int t = 0; t < steps; t++) {
        System.arraycopy(part, t * size, logProbs, t * batch + from, size);
      }
    }
    return logProbs;
  }

  private double rateFactor() {
    return Math.min(1, (trainer.updates() + 1.0) / Math.max(1, config.warmupUpdates()));
  }

  private void requireComplete(List<ScoredGroup> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("a learner step needs at least one group");
    }
    int samples = groups.get(0).reward().length;
    config.requireFits(groups.size(), samples);
    for (ScoredGroup group : groups) {
      Trajectory t = group.trajectory();
      if (group.reward().length != samples
          || t.logProb().length != samples * t.stepIndex().length) {
        throw new IllegalArgumentException(
            "group %s has %d rewards and %d log-probabilities of %d steps, the step's groups have %d samples"
                .formatted(
                    group.id(),
                    group.reward().length,
                    t.logProb().length,
                    t.stepIndex().length,
                    samples));
      }
      if (config.loss().needsMeans() && t.mean().length != t.before().length) {
        throw new IllegalArgumentException(
            "group %s lacks the means of its steps, which guard needs".formatted(group.id()));
      }
      requireFinite(group, "reward", group.reward());
      requireFinite(group, "log-probability", t.logProb());
      requireFinite(group, "latent", t.after());
    }
  }

  private static void requireFinite(ScoredGroup group, String what, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new ArithmeticException(
            "%s %d of group %s (policy version %d, critic version %d) is %s"
                .formatted(
                    what, i, group.id(), group.policyVersion(), group.criticVersion(), values[i]));
      }
    }
  }

  private static double[] rewards(List<ScoredGroup> groups) {
    int samples = groups.get(0).reward().length;
    double[] rewards = new double[groups.size() * samples];
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < samples; i++) {
        rewards[g * samples + i] = groups.get(g).reward()[i];
      }
    }
    return rewards;
  }

  private static int[] places(List<ScoredGroup> groups) {
    int samples = groups.get(0).reward().length;
    int[] places = new int[groups.size() * samples];
    Arrays.setAll(places, i -> i / samples);
    return places;
  }

  private static void limit(double[] advantages, double limit) {
    for (int i = 0; i < advantages.length; i++) {
      advantages[i] = Math.max(-limit, Math.min(limit, advantages[i]));
    }
  }

  @Override
  public NamedTensors weights() {
    return trainer.weights();
  }

  @Override
  public NamedTensors state() {
    Map<String, Tensor> state = trainer.state();
    previousStd.ifPresent(
        std -> state.put(PREVIOUS_STD, new Tensor(new long[0], new float[] {(float) std})));
    return new NamedTensors(state);
  }

  @Override
  public void restore(NamedTensors state) {
    trainer.restore(state);
    previousStd =
        state.contains(PREVIOUS_STD)
            ? OptionalDouble.of(state.get(PREVIOUS_STD).values()[0])
            : OptionalDouble.empty();
  }

  @Override
  public void close() {
    adapter.detach();
    scope.close();
  }
}
