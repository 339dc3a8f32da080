package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.StepKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of GRPO on trained steps and its gradient with respect to the guided velocities v. For
 * each sample it is {@code surrogate(logp - old, A) + klWeight kl}, with a surrogate of {@link
 * Surrogate}, or that of GRPO-Guard, and kl of {@link KlPenalty}. Source: Flow-GRPO, arXiv
 * 2505.05470. Arrays of the size of the latents stay on the network's device; one to three numbers
 * per sample are read from there, and one factor per sample is sent back for each gradient, or one
 * per cell of the latents if places have their own credit.
 */
public final class StepLoss {

  /**
   * The loss of a batch of samples.
   *
   * @param terms one for each sample
   * @param gradient gradient of the weighted loss with respect to the velocities, of their shape,
   *     float64
   */
  public record Outcome(List<LossTerms> terms, NDArray gradient) {}

  private final LossConfig config;

  public StepLoss(LossConfig config) {
    this.config = config;
  }

  /**
   * Computes the loss of B samples at one step. The gradient array belongs to the manager of the
   * latents before the step.
   *
   * @param weight weight of one sample in the loss: 1 over the number of terms averaged
   */
  public Outcome of(StepSamples samples, double weight) {
    NDArray mean = samples.kernel().mean(samples.before(), samples.velocity());
    float[] logProbs = Host.floats(samples.kernel().logProbs(mean, samples.after()));
    Outcome policy =
        config.guard()
            ? guarded(samples, mean, logProbs, weight)
            : plain(samples, mean, logProbs, weight);
    return config.needsReference()
        ? penalised(
            policy,
            samples.velocity(),
            samples.reference().orElseThrow(),
            config.kl().factor(samples.kernel()) / samples.elements(),
            config.klWeight(),
            weight)
        : policy;
  }

  private Outcome plain(StepSamples s, NDArray mean, float[] logProbs, double weight) {
    List<LossTerms> terms = new ArrayList<>();
    double[] slopes = new double[logProbs.length];
    for (int i = 0; i < logProbs.length; i++) {
      // Difference of two float32 values: exactly 0 if the velocities are bit-identical.
      double change = (double) logProbs[i] - s.oldLogProbs()[i];
      Surrogate surrogate = surrogate(s, i, logProbs[i], change);
      slopes[i] = weight * surrogate.slope();
      terms.add(LossTerms.of(surrogate, logProbs[i], change, config.clip()));
    }
    double[] places = places(s, mean);
    return new Outcome(
        terms,
        places.length == 0
            ? s.kernel().logProbGradient(mean, s.after(), slopes)
            : s.kernel().cellLogProbGradient(mean, s.after(), byCell(s, slopes, places, weight)));
  }

  /**
   * Returns the amounts added to the advantage at each place, (B, P); empty without place credit.
   */
  private double[] places(StepSamples s, NDArray mean) {
    if (!config.places().contrasts()) {
      return s.places();
    }
    PlaceConfig places = config.places();
    double[] u =
        PlaceCredit.contrast(
            places.source(), s.kernel(), s.guided().orElseThrow(), mean, s.after());
    long[] shape = mean.getShape().getShape();
    return PlaceCredit.of(u, (int) shape[2], (int) shape[3], places.alpha());
  }

  /**
   * Returns slopes for each cell of the latents, (B, height, width). Ratios are 1, so the credit of
   * a place enters the slope as the advantage does.
   */
  private static double[] byCell(StepSamples s, double[] slopes, double[] places, double weight) {
    long[] shape = s.before().getShape().getShape();
    int[] place = PlaceGrid.of((int) shape[2], (int) shape[3]);
    double[] cells = new double[slopes.length * place.length];
    for (int i = 0; i < cells.length; i++) {
      int sample = i / place.length;
      cells[i] =
          slopes[sample] - weight * places[sample * PlaceGrid.COUNT + place[i % place.length]];
    }
    return cells;
  }

  private Surrogate surrogate(StepSamples s, int i, float logProb, double change) {
    double advantage = s.advantages()[i];
    return switch (config.staleness()) {
      case NONE -> Surrogate.clipped(change, advantage, config.clip());
      case DECOUPLED -> {
        float proximal = s.proximalLogProbs().length == 0 ? logProb : s.proximalLogProbs()[i];
        yield Surrogate.decoupled(
            (double) logProb - proximal,
            (double) proximal - s.oldLogProbs()[i],
            advantage,
            config.clip());
      }
      case TRUNCATED ->
          Surrogate.truncated(change, advantage, config.clip(), config.stalenessCap());
    };
  }

  /**
   * GRPO-Guard (arXiv 2510.22319): with {@code delta = sqrt(-dt)} and {@code w = delta s}, the
   * ratio is {@code exp((logp - old + bias) w)}, {@code bias = mean((mu - mu_old)^2) / (2 w^2)},
   * and the loss is divided by {@code delta^2}. The gradient flows through both the log-probability
   * and the bias.
   */
  private Outcome guarded(StepSamples s, NDArray mean, float[] logProbs, double weight) {
    StepKernel kernel = s.kernel();
    double w = kernel.noiseScale();
    double scale = 1 / -kernel.dt();
    NDArray oldMean = s.oldMean().orElseThrow();
    double[] squares = squaredDistances(mean, oldMean);
    List<LossTerms> terms = new ArrayList<>();
    double[] slopes = new double[logProbs.length];
    double[] factors = new double[logProbs.length];
    for (int i = 0; i < logProbs.length; i++) {
      double bias = squares[i] / s.elements() / (2 * w * w);
      double change = (double) logProbs[i] - s.oldLogProbs()[i];
      Surrogate inner = Surrogate.clipped((change + bias) * w, s.advantages()[i], config.clip());
      slopes[i] = weight * scale * inner.slope() * w;
      factors[i] = slopes[i] * kernel.velocityScale() / (w * w * s.elements());
      Surrogate scaled = new Surrogate(scale * inner.loss(), scale * inner.slope(), inner.ratio());
      terms.add(LossTerms.of(scaled, logProbs[i], change, config.clip()));
    }
    NDArray gradient = kernel.logProbGradient(mean, s.after(), slopes);
    return new Outcome(terms, addDifference(gradient, mean, oldMean, factors));
  }

  /**
   * Adds {@code klWeight factor |velocity - reference|^2} to the loss of each sample.
   *
   * @param weight weight of one sample in the loss
   */
  static Outcome penalised(
      Outcome policy,
      NDArray velocity,
      NDArray reference,
      double factor,
      double klWeight,
      double weight) {
    double[] squares = squaredDistances(velocity, reference);
    List<LossTerms> terms = new ArrayList<>();
    double[] factors = new double[squares.length];
    for (int i = 0; i < squares.length; i++) {
      factors[i] = 2 * factor * weight * klWeight;
      terms.add(policy.terms().get(i).withKl(factor * squares[i], klWeight));
    }
    return new Outcome(terms, addDifference(policy.gradient(), velocity, reference, factors));
  }

  private static NDArray addDifference(NDArray gradient, NDArray x, NDArray y, double[] factors) {
    NDArray perSample = Host.toNative(gradient.getManager(), factors);
    return TorchOps.call("add_difference", gradient, x, y, perSample);
  }

  private static double[] squaredDistances(NDArray x, NDArray y) {
    return Host.doubles(TorchOps.call("squared_distance", x, y));
  }
}
