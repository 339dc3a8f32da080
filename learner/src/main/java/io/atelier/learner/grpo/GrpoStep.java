package io.atelier.learner.grpo;

import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.loss.LossMeans;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.Optimizer;
import io.atelier.rollout.Trajectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A learner step that trains: its optimizer updates, and the micro-batches of each. */
final class GrpoStep implements PolicyStep {
  private static final float[] NONE = {};

  private final PolicyConfig config;
  private final Optimizer trainer;
  private final MicroBatchGradients gradients;
  private final List<ScoredGroup> groups;
  private final double[][] advantages;
  private final List<float[]> proximal;
  private final Map<String, Double> measured;
  private final LossMeans means = new LossMeans();
  private final int samples;
  private final int chunk;
  private final int share;
  private int update;
  private double norm;
  private double rate;

  /**
   * @param advantages by trained step, of all samples of all groups, limited
   * @param gradients at the weights that {@code trainer} trains, which are those before the step
   * @param chunk samples of a group that pass through the network at once, a divisor of its size
   * @param measured what is known of the step so far; measurements are added
   */
  GrpoStep(
      PolicyConfig config,
      Optimizer trainer,
      MicroBatchGradients gradients,
      List<ScoredGroup> groups,
      double[][] advantages,
      int chunk,
      Map<String, Double> measured) {
    this.config = config;
    this.trainer = trainer;
    this.gradients = gradients;
    this.groups = groups;
    this.advantages = advantages;
    this.measured = measured;
    this.samples = advantages[0].length / groups.size();
    this.chunk = chunk;
    this.share = groups.size() / config.updatesPerStep();
    this.proximal = proximal();
  }

  /**
   * Log-probabilities under the policy before the first update, for the groups of later updates.
   * The first update needs none: there the policy is the proximal one.
   */
  private List<float[]> proximal() {
    List<float[]> all = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      ScoredGroup group = groups.get(g);
      boolean needed = config.loss().staleness() == Staleness.DECOUPLED && g >= share;
      all.add(needed ? gradients.logProbs(group.trajectory(), chunk) : NONE);
    }
    return all;
  }

  @Override
  public Optional<List<MicroBatch>> next() {
    if (update == config.updatesPerStep()) {
      return Optional.empty();
    }
    List<MicroBatch> batches = new ArrayList<>();
    for (int g = update * share; g < (update + 1) * share; g++) {
      int from = g * samples;
      boolean silent =
          Arrays.stream(advantages)
              .flatMapToDouble(step -> Arrays.stream(step, from, from + samples))
              .allMatch(a -> a == 0);
      if (!silent || config.loss().needsReference()) { // otherwise its gradient is zero
        addBatches(g, batches);
      }
    }
    return Optional.of(batches);
  }

  private void addBatches(int g, List<MicroBatch> batches) {
    ScoredGroup group = groups.get(g);
    Trajectory whole = group.trajectory();
    int steps = whole.steps();
    double weight = 1.0 / ((double) share * samples * steps);
    for (int from = 0; from < samples; from += chunk) {
      int to = from + chunk;
      for (int row = 0; row < steps; row++) {
        double[] part = Arrays.copyOfRange(advantages[row], g * samples + from, g * samples + to);
        batches.add(
            new MicroBatch(
                g, row, from, to, group.prompt(), part, proximal(g, steps, row, from, to), weight));
      }
    }
  }

  private float[] proximal(int g, int steps, int row, int from, int to) {
    float[] whole = proximal.get(g);
    return whole.length == 0
        ? NONE
        : Arrays.copyOfRange(MicroBatches.row(whole, steps, row), from, to);
  }

  @Override
  public void compute(MicroBatch batch, Trajectory trajectory) {
    gradients.collect(batch, trajectory).forEach(means::add);
    trainer.collect();
  }

  @Override
  public void add(Gradient gradient) {
    trainer.add(gradient.gradients());
    gradient.terms().forEach(means::add);
  }

  @Override
  public void apply() {
    rate = Math.min(1, (trainer.updates() + 1.0) / Math.max(1, config.warmupUpdates()));
    norm += trainer.step(rate) / config.updatesPerStep();
    trainer.average();
    update++;
  }

  @Override
  public Map<String, Double> measurements() {
    measured.putAll(means.measurements());
    measured.put("policy/gradient-norm", norm);
    measured.put("policy/learning-rate", rate * config.optimizer().learningRate());
    measured.put("policy/updates", (double) trainer.updates());
    return measured;
  }
}
