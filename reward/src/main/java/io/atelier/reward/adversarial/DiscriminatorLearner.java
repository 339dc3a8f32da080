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

/**
 * One optimizer step of a discriminator's head at a time, on given images. The loss is the hinge
 * loss
 *
 * <pre>
 * globalLoss * 1/2 (mean relu(1 - g(real)) + (1 - w) mean relu(1 + g(fake)) + w mean relu(1 + g(wrong)))
 *  + localLoss * 1/2 mean over maps (mean relu(1 - l(real)) + mean relu(1 + l(fake)))
 * </pre>
 *
 * with g the logit of a whole image, l that of a place, and {@code wrong} references under another
 * prompt (w is 0 without these). Source: Adv-GRPO (arXiv 2511.20256) as released, with the third
 * term after Reed et al. (2016). Not thread-safe.
 */
public final class DiscriminatorLearner {

  private final CriticConfig config;
  private final Discriminator discriminator;
  private final Optimizer optimizer;

  /**
   * @param discriminator stays its owner's to close
   */
  public DiscriminatorLearner(CriticConfig config, Discriminator discriminator) {
    this.config = config;
    this.discriminator = discriminator;
    discriminator.head().weights().train();
    this.optimizer = new Optimizer(discriminator.head().weights(), config.adam());
  }

  /**
   * Images of one side of the comparison.
   *
   * @param batch their features
   * @param places which of their places count
   */
  public record Side(FeatureBatch batch, Places places) {}

  /**
   * The loss at the present weights.
   *
   * @param loss as above
   * @param gradients of the loss, by the names of the weights
   */
  public record Gradient(double loss, NamedTensors gradients) {}

  /**
   * Loss and gradient; changes nothing.
   *
   * @param wrong a wrong prompt's vector for each reference; empty for no such negatives
   * @param noise for noise on features; not drawn from if there is to be none
   */
  public Gradient gradient(Side real, Side fake, float[][] wrong, RandomStream noise) {
    TrainedParameters weights = discriminator.head().weights();
    weights.clearGradients(); // of a call that failed
    Sum sum = new Sum(noise);
    double loss = Torch.withGradients(true, () -> sum.of(real, fake, wrong));
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException(
          "the critic's loss is %s after %d head steps; lower its learning rate or look for features"
                  .formatted(loss, optimizer.updates())
              + " that are not finite");
    }
    NamedTensors gradients = weights.gradients();
    weights.clearGradients();
    return new Gradient(loss, gradients);
  }

  /** Adds up the terms of the loss, and their gradients in the weights. */
  private final class Sum {
    private final RandomStream noise;
    private double loss;

    Sum(RandomStream noise) {
      this.noise = noise;
    }

    double of(Side real, Side fake, float[][] wrong) {
      double half = config.globalLoss() / 2;
      double wrongShare = wrong.length > 0 ? config.wrongPrompt() : 0;
      add(discriminator.globalInput(real.batch(), real.batch().condition()), 1, half);
      add(
          discriminator.globalInput(fake.batch(), fake.batch().condition()),
          -1,
          half * (1 - wrongShare));
      if (wrongShare > 0) {
        add(discriminator.globalInput(real.batch(), wrong), -1, half * wrongShare);
      }
      if (config.localLoss() > 0) {
        double each = config.localLoss() / 2 / discriminator.config().maps().size();
        for (String map : discriminator.config().maps()) {
          add(discriminator.localInput(real.batch(), map, real.places()), 1, each);
          add(discriminator.localInput(fake.batch(), map, fake.places()), -1, each);
        }
      }
      return loss;
    }

    /** Adds {@code weight * mean relu(1 - sign logit)}. */
    private void add(Head.Input input, int sign, double weight) {
      if (config.featureNoise() > 0) {
        float[] x = input.x();
        for (int i = 0; i < x.length; i++) {
          x[i] += (float) (config.featureNoise() * noise.nextNormal());
        }
      }
      double each = weight / input.rows();
      try (NDManager work = discriminator.head().newScope()) {
        NDArray logits = discriminator.head().logits(work, input);
        float[] values = Host.floats(logits);
        float[] slopes = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          double below = 1 - sign * values[i];
          loss += each * Math.max(0, below);
          slopes[i] = below > 0 ? (float) (-sign * each) : 0;
        }
        Autograd.backward(logits, Host.toNative(work, slopes, slopes.length));
      }
    }
  }

  /** Takes one optimizer step. */
  public void apply(Gradient gradient) {
    optimizer.add(gradient.gradients());
    optimizer.step(1);
  }

  public Discriminator discriminator() {
    return discriminator;
  }

  /** Moments and count of the optimizer; a copy. */
  NamedTensors optimizer() {
    return optimizer.moments();
  }

  void restoreOptimizer(NamedTensors state) {
    optimizer.restoreMoments(state);
  }
}
