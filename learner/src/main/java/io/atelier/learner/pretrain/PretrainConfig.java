package io.atelier.learner.pretrain;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.models.tensor.TrainedParameters;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Architecture and training settings of the embedded base.
 *
 * @param seed seed of initial weights, order, noise and dropped captions
 * @param vae schedule of the autoencoder
 * @param decoder schedule of its decoder on noisy latents
 * @param flow schedule of the velocity network and the text encoders
 * @param textTokens longest caption in tokens, including begin and end tokens
 * @param from a finished model to continue from: its autoencoder is kept, and the network is
 *     trained for the updates of {@code flow} in addition; empty to start from scratch
 */
public record PretrainConfig(
    long seed, Stage vae, Stage decoder, Stage flow, int textTokens, Optional<Path> from) {

  /** Width of each of the two text encoders. */
  static final int TEXT_WIDTH = 128;

  /**
   * The schedule of one network.
   *
   * @param steps updates, at least 1
   * @param batch images per update
   * @param rate highest learning rate; decays to a hundredth of it along half a cosine
   */
  public record Stage(int steps, int batch, double rate) {
    public Stage {
      if (steps < 1 || batch < 1 || !(rate > 0)) {
        throw new IllegalArgumentException(
            "a stage needs positive steps, batch and rate, got %d, %d and %s"
                .formatted(steps, batch, rate));
      }
    }

    /**
     * Applies an update with the accumulated gradients, and updates the moving average.
     *
     * @param step step, from 0
     * @param warmUp updates over which the learning rate rises linearly
     * @param averageDecay largest decay of the average
     */
    void update(Optimizer optimizer, int step, int warmUp, double averageDecay) {
      optimizer.collect();
      optimizer.step(rateFactor(step, warmUp));
      optimizer.average(Math.min(averageDecay, step / (step + 10.0)));
    }

    /** Returns the learning rate of an update as a share of the highest. */
    private double rateFactor(int step, int warmUp) {
      double fall = 0.5 + 0.5 * Math.cos(Math.PI * Math.min(1, (double) step / steps));
      return Math.min(1, (step + 1.0) / warmUp) * (0.01 + 0.99 * fall);
    }
  }

  /** The settings that made the embedded base. */
  public static PretrainConfig emoji64() {
    return new PretrainConfig(
        7,
        new Stage(2_500, 16, 2e-3),
        new Stage(3_000, 16, 1e-3),
        new Stage(8_000, 64, 1e-3),
        12,
        Optional.empty());
  }

  /**
   * Returns AdamW on the weights of a network, with a moving average of them.
   *
   * @param rate highest learning rate
   * @param decay weight decay
   */
  static Optimizer optimizer(
      TrainedParameters weights, double rate, double decay, double averageDecay) {
    weights.train();
    AdamConfig adam = new AdamConfig(rate, 0.9, 0.99, 1e-8, decay);
    return new Optimizer(weights, weights.export(), adam, 1, averageDecay, 1);
  }

  VaeConfig vaeConfig() {
    return new VaeConfig(List.of(16, 32, 64, 96), 1, 16, 8, false, false, false, 1, 0);
  }

  MmditConfig transformerConfig() {
    return new MmditConfig(6, 6, 32, 2, 16, 2 * TEXT_WIDTH, 2 * TEXT_WIDTH, 8, true, Set.of());
  }
}
