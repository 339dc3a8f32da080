package io.atelier.models.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;

/**
 * Conditions a velocity network on the rewards requested of its images, by a vector that is added
 * to the pooled text vector. Each reward has its own {@code linear_2(silu(linear_1(f(s))))} of
 * sines and cosines {@code f(s) = (sin(pi k s), cos(pi k s)), k = 1..16}; a missing reward adds
 * zeros. With {@code linear_2} all zero, as at the start of training, the network's output is
 * unchanged.
 *
 * <p>Source: MIRO (Dufour et al. 2025), section 3, where each reward is a token instead: that would
 * change every attention even before training.
 */
public final class RewardCondition {

  private final RewardConditionConfig config;
  private final Parameters weights;

  /**
   * @param scope owns the weights
   */
  public RewardCondition(NDManager scope, RewardConditionConfig config, WeightSource source) {
    this.config = config;
    this.weights = Parameters.load(scope, source, config.shapes());
  }

  public RewardConditionConfig config() {
    return config;
  }

  public Parameters weights() {
    return weights;
  }

  /**
   * Computes the vectors added to pooled text vectors.
   *
   * @param scope owns the result
   * @param values (rows, R), each 0 to 1, or NaN where a reward is missing
   * @return (rows, width), float32
   */
  public NDArray embed(NDManager scope, float[][] values) {
    NDArray sum = null;
    for (int r = 0; r < config.names().size(); r++) {
      String name = config.names().get(r);
      float[] features = new float[values.length * RewardConditionConfig.FEATURES];
      float[] there = new float[values.length];
      for (int row = 0; row < values.length; row++) {
        if (!Float.isNaN(values[row][r])) {
          there[row] = 1;
          fourier(values[row][r], features, row * RewardConditionConfig.FEATURES);
        }
      }
      NDArray x = Host.toNative(scope, features, values.length, RewardConditionConfig.FEATURES);
      NDArray inner = TorchOps.call("silu", linear(x, name + ".linear_1"));
      NDArray own =
          linear(inner, name + ".linear_2").mul(Host.toNative(scope, there, values.length, 1));
      sum = sum == null ? own : sum.add(own);
    }
    sum.attach(scope);
    return sum;
  }

  private static void fourier(float value, float[] into, int at) {
    int half = RewardConditionConfig.FEATURES / 2;
    for (int k = 1; k <= half; k++) {
      into[at + k - 1] = (float) StrictMath.sin(StrictMath.PI * k * value);
      into[at + half + k - 1] = (float) StrictMath.cos(StrictMath.PI * k * value);
    }
  }

  private NDArray linear(NDArray x, String name) {
    return TorchOps.linear(x, weights.get(name + ".weight"), weights.get(name + ".bias"));
  }
}
