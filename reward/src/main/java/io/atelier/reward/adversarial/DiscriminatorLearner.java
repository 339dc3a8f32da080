package io.atelier.reward.adversarial;

import io.atelier.models.optim.Adam;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.noise.RandomStream;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

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
  private final Adam adam;

  public DiscriminatorLearner(CriticConfig config, Discriminator discriminator) {
    this.config = config;
    this.discriminator = discriminator;
    this.adam = new Adam(config.adam(), new NamedTensors(discriminator.head().tensors()));
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
  public record Gradient(double loss, SortedMap<String, float[]> gradients) {}

  /**
   * Loss and gradient; changes nothing.
   *
   * @param wrong a wrong prompt's vector for each reference; empty for no such negatives
   * @param noise for noise on features; not drawn from if there is to be none
   */
  public Gradient gradient(Side real, Side fake, float[][] wrong, RandomStream noise) {
    SortedMap<String, float[]> gradients = discriminator.head().zeros();
    Sum sum = new Sum(gradients, noise);
    double half = config.globalLoss() / 2;
    double wrongShare = wrong.length > 0 ? config.wrongPrompt() : 0;
    sum.add(discriminator.globalInput(real.batch(), real.batch().condition()), 1, half);
    sum.add(
        discriminator.globalInput(fake.batch(), fake.batch().condition()),
        -1,
        half * (1 - wrongShare));
    if (wrongShare > 0) {
      sum.add(discriminator.globalInput(real.batch(), wrong), -1, half * wrongShare);
    }
    if (config.localLoss() > 0) {
      double each = config.localLoss() / 2 / discriminator.config().maps().size();
      for (String map : discriminator.config().maps()) {
        sum.add(discriminator.localInput(real.batch(), map, real.places()), 1, each);
        sum.add(discriminator.localInput(fake.batch(), map, fake.places()), -1, each);
      }
    }
    if (!Double.isFinite(sum.loss)) {
      throw new ArithmeticException(
          "the critic's loss is %s after %d head steps; lower its learning rate or look for features"
                  .formatted(sum.loss, adam.updates())
              + " that are not finite");
    }
    return new Gradient(sum.loss, gradients);
  }

  /** Adds up the terms of the loss. */
  private final class Sum {
    private final Map<String, float[]> gradients;
    private final RandomStream noise;
    private double loss;

    Sum(Map<String, float[]> gradients, RandomStream noise) {
      this.gradients = gradients;
      this.noise = noise;
    }

    /** Adds {@code weight * mean relu(1 - sign logit)}. */
    void add(Head.Input input, int sign, double weight) {
      if (config.featureNoise() > 0) {
        float[] x = input.x();
        for (int i = 0; i < x.length; i++) {
          x[i] += (float) (config.featureNoise() * noise.nextNormal());
        }
      }
      double each = weight / input.rows();
      for (float logit : discriminator.head().addHinge(input, sign, each, gradients)) {
        loss += each * (Float.isNaN(logit) ? Double.NaN : Math.max(0, 1 - sign * logit));
      }
    }
  }

  /** Takes one optimizer step. */
  public void apply(Gradient gradient) {
    SortedMap<String, float[]> weights = new TreeMap<>();
    discriminator.head().tensors().forEach((name, tensor) -> weights.put(name, tensor.values()));
    adam.step(weights, gradient.gradients());
  }

  public Discriminator discriminator() {
    return discriminator;
  }

  /** Moments and count of the optimizer; a copy. */
  NamedTensors optimizer() {
    return adam.state();
  }

  void restoreOptimizer(NamedTensors state) {
    adam.restore(state);
  }
}
