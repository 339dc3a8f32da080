package io.atelier.reward.adversarial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Trains a discriminator's head, one optimizer step at a time, on given images. With L the mean
 * loss {@link CriticLoss#over} references and negatives, the loss is
 *
 * <pre>
 * globalLoss * 1/2 ((1 - w) L(g(real), g(fake)) + w L(g(real), g(wrong)))
 *  + localLoss * 1/2 mean over maps L(l(real), l(fake))
 * </pre>
 *
 * with g the logit of a whole image, l that of a place, and {@code wrong} the references under
 * another prompt (w is 0 without these). Source: the published code of Adv-GRPO (arXiv 2511.20256),
 * which uses the hinge loss; negatives under wrong prompts from Reed et al. (2016, arXiv
 * 1605.05396). If only the highest places count, or a gate fuses maps, the second line is {@code
 * localLoss * 1/2 L} of the local logits of images. With a prior, L is {@link ResidualLoss} of
 * these logits and of the prior's terms. Not thread-safe.
 */
public final class DiscriminatorLearner {

  private final CriticConfig config;
  private final CriticLoss kind;
  private final Discriminator discriminator;
  private final Optimizer optimizer;

  /**
   * @param discriminator closed by its owner
   */
  public DiscriminatorLearner(CriticConfig config, Discriminator discriminator) {
    this.config = config;
    this.kind = config.loss().orElse(CriticLoss.HINGE);
    this.discriminator = discriminator;
    discriminator.head().weights().train();
    this.optimizer = new Optimizer(discriminator.head().weights(), config.adam());
  }

  /**
   * Images of one side of the comparison.
   *
   * @param batch their features
   * @param places which of their places are judged
   */
  public record Side(FeatureBatch batch, Places places) {}

  /**
   * The loss at the current weights.
   *
   * @param loss as above
   * @param gradients of the loss, by the names of the weights
   */
  public record Gradient(double loss, NamedTensors gradients) {}

  /**
   * Computes loss and gradient; does not change the weights.
   *
   * @param wrong references under wrong prompts; empty for no such negatives
   * @param noise stream for feature noise; not drawn from if there is none
   */
  public Gradient gradient(Side real, Side fake, Optional<FeatureBatch> wrong, RandomStream noise) {
    TrainedParameters weights = discriminator.head().weights();
    weights.clearGradients(); // left over from a failed call
    Sum sum = new Sum(noise);
    double loss = Torch.withGradients(true, () -> sum.of(real, fake, wrong));
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException(
          "the critic's loss is %s after %d head steps; lower its learning-rate or look for features"
                  .formatted(loss, optimizer.updates())
              + " that are not finite");
    }
    NamedTensors gradients = weights.gradients();
    weights.clearGradients();
    return new Gradient(loss, gradients);
  }

  /** Accumulates the terms of the loss, and their gradients in the weights. */
  private final class Sum {
    private final RandomStream noise;
    private double loss;

    Sum(RandomStream noise) {
      this.noise = noise;
    }

    double of(Side real, Side fake, Optional<FeatureBatch> wrong) {
      addGlobal(real.batch(), fake.batch(), wrong);
      double weight = config.localLoss() / 2;
      if (weight > 0 && discriminator.config().pooling().byImage()) {
        addLocal(real, fake, this::judged, weight);
      } else if (weight > 0) {
        List<String> maps = discriminator.config().maps();
        for (String map : maps) {
          addLocal(real, fake, (work, side) -> judged(work, side, map), weight / maps.size());
        }
      }
      return loss;
    }

    private void addGlobal(FeatureBatch real, FeatureBatch fake, Optional<FeatureBatch> wrong) {
      double weight = config.globalLoss() / 2;
      double wrongShare = wrong.isPresent() ? config.wrongPrompt() : 0;
      try (NDManager work = discriminator.head().newScope()) {
        Judged reals = judged(work, real);
        Judged fakes = judged(work, fake);
        add(reals, fakes, weight * (1 - wrongShare));
        if (wrongShare > 0) {
          Judged wrongs = judged(work, wrong.get());
          add(reals, wrongs, weight * wrongShare);
          wrongs.backward();
        }
        reals.backward();
        fakes.backward();
      }
    }

    private void addLocal(
        Side real, Side fake, BiFunction<NDManager, Side, Judged> judge, double weight) {
      try (NDManager work = discriminator.head().newScope()) {
        Judged reals = judge.apply(work, real);
        Judged fakes = judge.apply(work, fake);
        add(reals, fakes, weight);
        reals.backward();
        fakes.backward();
      }
    }

    /**
     * Computes the logit of each whole image. No noise is added to the prior, here or in the logit.
     */
    private Judged judged(NDManager work, FeatureBatch batch) {
      Head.Input input = discriminator.inputs().encoded(batch, batch.condition());
      addNoise(input);
      Head.Input whole = discriminator.inputs().withPrior(input, batch);
      return new Judged(discriminator.head().logits(work, whole), discriminator.prior(batch));
    }

    /** Computes the logit of each place of one map. */
    private Judged judged(NDManager work, Side side, String map) {
      Head.Input input = discriminator.inputs().local(side.batch(), map, side.places());
      addNoise(input);
      return new Judged(
          discriminator.head().logits(work, input), discriminator.prior(side.batch()));
    }

    /** Computes the local logit of each image. */
    private Judged judged(NDManager work, Side side) {
      List<Head.Input> inputs = discriminator.inputs().locals(side.batch(), side.places());
      inputs.forEach(this::addNoise);
      return new Judged(
          discriminator.local(work, inputs, side.batch().count()),
          discriminator.prior(side.batch()));
    }

    private void add(Judged reals, Judged others, double weight) {
      CriticLoss.Sides sides =
          discriminator
              .config()
              .residual()
              .map(residual -> ResidualLoss.over(kind, residual, reals.side(), others.side()))
              .orElseGet(() -> kind.over(reals.values, others.values));
      loss += weight * sides.loss();
      reals.add(sides.reference(), weight);
      others.add(sides.generated(), weight);
    }

    private void addNoise(Head.Input input) {
      if (config.featureNoise() > 0) {
        float[] x = input.x();
        for (int i = 0; i < x.length; i++) {
          x[i] += (float) (config.featureNoise() * noise.nextNormal());
        }
      }
    }
  }

  /** Logits, and the derivative of the loss with respect to each. */
  private static final class Judged {
    private final NDArray logits;
    private final float[] values;
    private final float[] prior;
    private final double[] slopes;

    /**
     * @param logits logits of images, or of their places, image by image
     * @param prior term added to each logit of an image
     */
    Judged(NDArray logits, float[] prior) {
      this.logits = logits;
      this.values = Host.floats(logits);
      this.prior = prior;
      this.slopes = new double[values.length];
    }

    ResidualLoss.Side side() {
      float[] each = new float[values.length];
      int places = values.length / prior.length;
      for (int i = 0; i < each.length; i++) {
        each[i] = prior[i / places];
      }
      return new ResidualLoss.Side(each, values);
    }

    void add(double[] more, double weight) {
      for (int i = 0; i < slopes.length; i++) {
        slopes[i] += weight * more[i];
      }
    }

    void backward() {
      float[] rounded = new float[slopes.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) slopes[i];
      }
      Autograd.backward(logits, Host.toNative(logits.getManager(), rounded, rounded.length));
    }
  }

  /** Applies one optimizer step. */
  public void apply(Gradient gradient) {
    optimizer.add(gradient.gradients());
    optimizer.step(1);
  }

  public Discriminator discriminator() {
    return discriminator;
  }

  /** Returns a copy of the optimizer's moments and step count. */
  NamedTensors optimizer() {
    return optimizer.moments();
  }

  void restoreOptimizer(NamedTensors state) {
    optimizer.restoreMoments(state);
  }
}
