package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.TorchOps;

/**
 * A linear map, or the three maps of an attention fused into one, with an optional low-rank
 * adapter.
 *
 * <p>Fused: weight (3d, d), and one adapter for each of query, key and value. With an adapter,
 * {@code y = W x + b + s B A x} with s = α/r (LoRA, Hu et al. 2021, section 4.1).
 */
final class Projection {

  /** Low-rank factors of one linear map: {@code a} (rank, in) and {@code b} (out, rank). */
  record Adapter(NDArray a, NDArray b) {}

  private final NDArray weight;
  private final NDArray bias;
  private NDArray effective;
  private Adapter[] adapters = {};
  private NDArray scale;

  Projection(NDArray weight, NDArray bias) {
    this.weight = weight;
    this.bias = bias;
    this.effective = weight;
  }

  NDArray weight() {
    return weight;
  }

  /** Adds one adapter for each map that is fused here; none removes them. */
  void adapt(NDArray scale, Adapter... adapters) {
    this.scale = scale;
    this.adapters = adapters;
  }

  boolean isAdapted() {
    return adapters.length > 0;
  }

  /** Computes with {@code merged} in place of the weight; the weight itself removes it again. */
  void replaceWeight(NDArray merged) {
    effective = merged;
  }

  NDArray apply(NDArray x) {
    NDArray y = TorchOps.linear(x, effective, bias);
    if (adapters.length == 0) {
      return y;
    }
    if (adapters.length == 1) {
      return TorchOps.call("add_lora", y, x, adapters[0].a(), adapters[0].b(), scale);
    }
    return TorchOps.call(
        "add_lora_qkv",
        y,
        x,
        adapters[0].a(),
        adapters[0].b(),
        adapters[1].a(),
        adapters[1].b(),
        adapters[2].a(),
        adapters[2].b(),
        scale);
  }
}
