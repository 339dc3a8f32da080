package io.atelier.learner.grpo;

import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.MovedCredit;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.loss.LossMeans;
import io.atelier.models.optim.Optimizer;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Trajectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A learner step that trains: its optimizer updates and their micro-batches. */
final class GrpoStep implements PolicyStep {
  private static final float[] NONE = {};

  private final PolicyConfig config;
  private final Optimizer trainer;
  private final MicroBatchGradients gradients;
  private final List<ScoredGroup> groups;
  private final double[][] advantages;
  private final double[] places;
  private final List<float[]> proximal;
  private final Map<String, Double> measured;
  private final LossMeans means = new LossMeans();
  private final int samples;
  private final int chunk;
  private final double learningRate;

  /** The groups of each optimizer update, by index. */
  private final List<List<Integer>> updates = new ArrayList<>();

  private int update;
  private double norm;
  private double rate;

  /**
   * @param advantages by trained step, of all samples of all groups, clipped
   * @param places amounts added to them at each place, of all samples; empty if there are none, or
   *     if they are computed from the trained steps
   * @param gradients gradients at the weights that {@code trainer} trains, not yet changed by this
   *     step
   * @param chunk samples of a group that pass through the network at once, a divisor of its size
   * @param learningRate after warm-up
   * @param measured measurements of the step so far; more are added
   */
  GrpoStep(
      PolicyConfig config,
      Optimizer trainer,
      MicroBatchGradients gradients,
      List<ScoredGroup> groups,
      double[][] advantages,
      double[] places,
      int chunk,
      double learningRate,
      Map<String, Double> measured) {
    this.config = config;
    this.trainer = trainer;
    this.gradients = gradients;
    this.groups = groups;
    this.advantages = advantages;
    this.places = places;
    this.measured = measured;
    this.samples = advantages[0].length / groups.size();
    this.chunk = chunk;
    this.learningRate = learningRate;
    share();
    this.proximal = proximal();
  }

  /** Splits the groups among the updates in slot order, without those that are dropped. */
  private void share() {
    int share = groups.size() / config.updatesPerStep();
    int dropped = 0;
    for (int u = 0; u < config.updatesPerStep(); u++) {
      List<Integer> kept = new ArrayList<>();
      for (int g = u * share; g < (u + 1) * share; g++) {
        if (config.flatGroups().drops() && StepGroups.isFlat(groups.get(g))) {
          dropped++;
        } else {
          kept.add(g);
        }
      }
      if (!kept.isEmpty()) {
        updates.add(kept);
      }
    }
    if (config.flatGroups().drops()) {
      measured.put("policy/dropped-groups", (double) dropped);
    }
  }

  /**
   * Computes log-probabilities under the policy before the first update, for the groups of later
   * updates. The first update needs none: its policy is the proximal one.
   */
  private List<float[]> proximal() {
    List<float[]> all = new ArrayList<>(Collections.nCopies(groups.size(), NONE));
    if (config.needsProximal()) {
      updates.stream()
          .skip(1)
          .flatMap(List::stream)
          .forEach(
              g ->
                  all.set(
                      g,
                      gradients.logProbs(groups.get(g).id(), groups.get(g).trajectory(), chunk)));
    }
    return all;
  }

  @Override
  public Optional<List<MicroBatch>> next() {
    if (update == updates.size()) {
      return Optional.empty();
    }
    List<MicroBatch> batches = new ArrayList<>();
    for (int g : updates.get(update)) {
      int from = g * samples;
      boolean silent =
          Arrays.stream(advantages)
              .flatMapToDouble(step -> Arrays.stream(step, from, from + samples))
              .allMatch(a -> a == 0);
      boolean moves = config.loss().places().moves(); // even if the advantage is 0
      if (!silent || moves || config.needsReference()) { // otherwise its gradient is zero
        addBatches(g, batches);
      }
    }
    return Optional.of(batches);
  }

  private void addBatches(int g, List<MicroBatch> batches) {
    ScoredGroup group = groups.get(g);
    int rows = config.rows(group.trajectory().steps());
    double weight = 1.0 / ((double) updates.get(update).size() * samples * rows);
    for (int from = 0; from < samples; from += chunk) {
      int to = from + chunk;
      for (int row = 0; row < rows; row++) {
        double[] part = Arrays.copyOfRange(advantages[row], g * samples + from, g * samples + to);
        float[] start = proximal(g, rows, row, from, to);
        double[] own = places(g * samples + from, g * samples + to);
        batches.add(
            new MicroBatch(g, group.id(), row, from, to, group.prompt(), part, start, weight, own));
      }
    }
  }

  private float[] proximal(int g, int rows, int row, int from, int to) {
    float[] whole = proximal.get(g);
    return whole.length == 0
        ? NONE
        : Arrays.copyOfRange(MicroBatches.row(whole, rows, row), from, to);
  }

  private double[] places(int from, int to) {
    return places.length == 0
        ? places
        : Arrays.copyOfRange(places, from * PlaceGrid.COUNT, to * PlaceGrid.COUNT);
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
    // exactly rate if the learning rate is the configured one
    double factor = rate * (learningRate / config.optimizer().learningRate());
    norm += trainer.step(factor) / updates.size();
    trainer.average();
    update++;
  }

  @Override
  public List<List<double[]>> advantages() {
    return StepGroups.recorded(config, advantages, groups.size());
  }

  @Override
  public List<MovedCredit> moved() {
    return StepGroups.moved(places, groups);
  }

  @Override
  public List<double[]> meanAdvantages() {
    return StepGroups.means(advantages, places, groups.size());
  }

  @Override
  public Map<String, Double> measurements() {
    measured.putAll(means.measurements());
    measured.put("policy/gradient-norm", norm);
    measured.put("policy/learning-rate", rate * learningRate);
    measured.put("policy/updates", (double) trainer.updates());
    return measured;
  }
}
