package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;

/**
 * A linear map, or the three maps of an attention fused into one, with an optional low-rank
 * adapter.
 *
 * <p>Fused: weight (3d, d), and one adapter for each of query, key and value. With an adapter,
 * {@code y = W x + b + s B A x} with s = α/r (LoRA, Hu et al. 2021, section 4.1), or merged {@code
 * y = (W + s B A) x + b}.
 *
 * <p>The operators of an adapter first give {@code x} the strides of its shape. A slice of a batch
 * of one counts as contiguous without them, and libtorch would multiply it by another kernel where
 * factors collect gradients than where they do not, with other last bits.
 */
final class Projection {

  /** Low-rank factors of one linear map: {@code a} (rank, in) and {@code b} (out, rank). */
  record Adapter(NDArray a, NDArray b) {}

  private final NDArray weight;
  private final NDArray bias;
  private NDArray effective;
  private Adapter[] adapters = {};
  private NDArray scale;
  private boolean merging;

  Projection(NDArray weight, NDArray bias) {
    this.weight = weight;
    this.bias = bias;
    this.effective = weight;
  }

  NDArray weight() {
    return weight;
  }

  /**
   * Adds one adapter for each map that is fused here; none removes them.
   *
   * @param merging whether the weights are added up, anew in each pass
   */
  void adapt(NDArray scale, boolean merging, Adapter... adapters) {
    this.scale = scale;
    this.merging = merging;
    this.adapters = adapters;
  }

  boolean isAdapted() {
    return adapters.length > 0;
  }

  /** Whether the map's own weights collect gradients. */
  boolean isTrained() {
    return weight.hasGradient() || bias.hasGradient();
  }

  /** Computes with {@code merged} in place of the weight; the weight itself removes it again. */
  void replaceWeight(NDArray merged) {
    effective = merged;
  }

  NDArray apply(NDArray x) {
    if (adapters.length == 0) {
      return TorchOps.linear(x, effective, bias);
    }
    if (!merging) {
      return low("add_lora", TorchOps.linear(x, effective, bias), x);
    }
    NDArray y;
    try (NDArray sum = Torch.withGradients(false, this::merged)) {
      y = TorchOps.linear(x, sum, bias);
    }
    // What is added is zero, and has the gradients of the factors.
    return Torch.isRecording() ? low("lora_gradient", y, x) : y;
  }

  /** The weight with the adapters added to it, (out, in) float32; the caller closes it. */
  NDArray merged() {
    return low("lora_merge", effective);
  }

  /** An operator that takes the factors of one or of three maps after {@code first}. */
  private NDArray low(String operator, NDArray... first) {
    List<NDArray> arguments = new ArrayList<>(List.of(first));
    for (Adapter adapter : adapters) {
      arguments.add(adapter.a());
      arguments.add(adapter.b());
    }
    arguments.add(scale);
    return TorchOps.call(
        adapters.length == 1 ? operator : operator + "_qkv", arguments.toArray(NDArray[]::new));
  }
}
