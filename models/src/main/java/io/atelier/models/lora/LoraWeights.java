package io.atelier.models.lora;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An adapter: to the weight W (out, in) of each module it adds {@code alpha / rank · B A} (Hu et
 * al. 2021, section 4.1).
 *
 * @param rank inner extent of every pair, at least 1
 * @param alpha numerator of the scale, finite
 * @param modules by name of the linear map, such as {@code transformer_blocks.0.attn.to_q}; not
 *     empty
 */
public record LoraWeights(int rank, double alpha, SortedMap<String, Pair> modules) {

  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  /**
   * The factors of one module.
   *
   * @param a (rank, in)
   * @param b (out, rank)
   */
  public record Pair(Tensor a, Tensor b) {

    int rank() {
      return (int) a.shape()[0];
    }

    /** Factors of the same map with another rank, all zero. */
    Pair zeros(int rank) {
      int in = (int) a.shape()[1];
      int out = (int) b.shape()[0];
      return new Pair(
          new Tensor(new long[] {rank, in}, new float[Math.multiplyExact(rank, in)]),
          new Tensor(new long[] {out, rank}, new float[Math.multiplyExact(out, rank)]));
    }

    /**
     * Overwrites a part of these factors, from inner index {@code from} on, with {@code part}, its
     * B multiplied by {@code factor}.
     */
    void put(Pair part, int from, float factor) {
      float[] own = part.a.values();
      System.arraycopy(own, 0, a.values(), from * (int) a.shape()[1], own.length);
      int out = (int) b.shape()[0];
      for (int row = 0; row < out; row++) {
        for (int k = 0; k < part.rank(); k++) {
          b.values()[row * rank() + from + k] = factor * part.b.values()[row * part.rank() + k];
        }
      }
    }
  }

  public LoraWeights {
    if (rank < 1 || !Double.isFinite(alpha)) {
      throw new LoraException(
          "an adapter needs a rank of 1 or more and a finite alpha, got rank %d and alpha %s"
              .formatted(rank, alpha));
    }
    if (modules.isEmpty()) {
      throw new LoraException("an adapter needs at least one module");
    }
    modules = Collections.unmodifiableSortedMap(new TreeMap<>(modules));
    for (Map.Entry<String, Pair> entry : modules.entrySet()) {
      requireShape(entry.getKey() + A, entry.getValue().a(), 0, rank);
      requireShape(entry.getKey() + B, entry.getValue().b(), 1, rank);
    }
  }

  private static void requireShape(String name, Tensor tensor, int dimension, int rank) {
    long[] shape = tensor.shape();
    if (shape.length != 2 || shape[dimension] != rank) {
      throw new LoraException(
          "tensor \"%s\" of shape %s does not fit rank %d: extent %d of 2 must be the rank"
              .formatted(name, Arrays.toString(shape), rank, dimension + 1));
    }
  }

  /** The scale of B A: alpha / rank. */
  public double scale() {
    return alpha / rank;
  }

  /** The factors by name, {@code MODULE.lora_A.weight} and {@code MODULE.lora_B.weight}. */
  public NamedTensors tensors() {
    Map<String, Tensor> tensors = new TreeMap<>();
    modules.forEach(
        (module, pair) -> {
          tensors.put(module + A, pair.a());
          tensors.put(module + B, pair.b());
        });
    return new NamedTensors(tensors);
  }

  /** The inverse of {@link #tensors}; any other name is an error. */
  public static LoraWeights of(int rank, double alpha, NamedTensors tensors) {
    SortedMap<String, Pair> modules = new TreeMap<>();
    for (String name : tensors.names()) {
      boolean down = name.endsWith(A);
      if (!down && !name.endsWith(B)) {
        throw new LoraException(
            "tensor \"%s\" is not part of an adapter: names end in %s or %s".formatted(name, A, B));
      }
      String module = name.substring(0, name.length() - A.length());
      String other = module + (down ? B : A);
      if (!tensors.contains(other)) {
        throw new LoraException("tensor \"%s\" lacks its partner \"%s\"".formatted(name, other));
      }
      modules.put(module, new Pair(tensors.get(module + A), tensors.get(module + B)));
    }
    return new LoraWeights(rank, alpha, modules);
  }

  /**
   * The same adapter with the scale multiplied into B, so that alpha equals the rank. The scale is
   * rounded to float32 before it multiplies, as in PyTorch, so that files are identical.
   */
  public LoraWeights folded() {
    return rescaled(rank);
  }

  /**
   * The sum of several adapters as one: their factors are concatenated in an adapter with the sum
   * of their ranks and scale 1.
   *
   * @param factors multiplier of each adapter
   */
  public static LoraWeights sum(List<LoraWeights> adapters, List<Double> factors) {
    if (adapters.size() == 1 && factors.get(0) == 1) {
      return adapters.get(0);
    }
    int rank = adapters.stream().mapToInt(LoraWeights::rank).reduce(0, Math::addExact);
    SortedMap<String, Pair> sum = new TreeMap<>();
    int from = 0;
    for (int i = 0; i < adapters.size(); i++) {
      LoraWeights adapter = adapters.get(i);
      float factor = (float) (factors.get(i) * adapter.scale());
      for (Map.Entry<String, Pair> entry : adapter.modules.entrySet()) {
        Pair pair = entry.getValue();
        sum.computeIfAbsent(entry.getKey(), name -> pair.zeros(rank)).put(pair, from, factor);
      }
      from += adapter.rank;
    }
    return new LoraWeights(rank, rank, sum);
  }

  /** The same adapter with another alpha: B is rescaled accordingly. */
  public LoraWeights rescaled(double alpha) {
    float factor = (float) (this.alpha / alpha);
    SortedMap<String, Pair> rescaled = new TreeMap<>();
    modules.forEach(
        (module, pair) -> {
          float[] b = pair.b().values().clone();
          for (int i = 0; i < b.length; i++) {
            b[i] *= factor;
          }
          rescaled.put(module, new Pair(pair.a(), new Tensor(pair.b().shape(), b)));
        });
    return new LoraWeights(rank, alpha, rescaled);
  }
}
