package io.atelier.learner.pretrain;

import io.atelier.models.state.NamedTensors;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Initial weights of a network trained from scratch; each weight has its own random stream. */
final class Initializer {

  /** Draws the values of one weight of the given shape. */
  interface Rule {
    float[] values(long[] shape, int size, SplittableRandom random);
  }

  static final Rule ZEROS = (shape, size, random) -> new float[size];

  static final Rule ONES =
      (shape, size, random) -> {
        float[] ones = new float[size];
        Arrays.fill(ones, 1f);
        return ones;
      };

  private Initializer() {}

  /** Normal with the given standard deviation. */
  static Rule normal(double deviation) {
    return (shape, size, random) -> {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
      return values;
    };
  }

  /** Uniform within ±{@code gain}/√(inputs of a unit): the usual choice for convolutions. */
  static Rule fanIn(double gain) {
    return (shape, size, random) ->
        uniform(size, gain / Math.sqrt((double) size / shape[0]), random);
  }

  /** Uniform within ±√(6/(inputs + outputs)) (Glorot and Bengio 2010). */
  static final Rule GLOROT =
      (shape, size, random) ->
          uniform(size, Math.sqrt(6.0 / (shape[0] + (double) size / shape[0])), random);

  private static float[] uniform(int size, double bound, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /**
   * Draws weights for all {@code shapes}, by the rule that {@code rules} gives for a name and
   * shape.
   */
  static NamedTensors draw(
      Map<String, long[]> shapes, long seed, BiFunction<String, long[], Rule> rules) {
    Map<String, NamedTensors.Tensor> result = new TreeMap<>();
    SplittableRandom seeds = new SplittableRandom(seed);
    shapes.forEach(
        (name, shape) -> {
          int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
          float[] values = rules.apply(name, shape).values(shape, size, seeds.split());
          result.put(name, new NamedTensors.Tensor(shape, values));
        });
    return new NamedTensors(result);
  }
}
