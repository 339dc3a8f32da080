package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
 * y = (W + s B A) x + b}. Merged with gradients, a zero term is added that carries the gradients of
 * the factors.
 *
 * <p>The operators of an adapter first give {@code x} the strides of its shape. A slice of a batch
 * of one counts as contiguous without them, and libtorch would use different kernels with and
 * without gradients of the factors, with different last bits.
 */
final class Projection {

  /** Low-rank factors of one linear map: {@code a} (rank, in) and {@code b} (out, rank). */
  record Adapter(NDArray a, NDArray b) {}

  /** How the script applies adapters: beside the weight, or merged without and with gradients. */
  private static final int BESIDE = 0;

  private static final int MERGED = 1;
  private static final int MERGED_WITH_GRADIENTS = 2;

  private final NDManager scope;
  private final String list;
  private final NDArray weight;
  private final NDArray bias;
  private NDArray effective;
  private Adapter[] adapters = {};
  private NDArray scale;
  private boolean merging;
  private NDManager owner;
  private List<NDArray> arguments = List.of();

  /**
   * @param scope will own the arrays passed to scripts
   * @param list name of the script's list argument
   */
  Projection(NDManager scope, String list, NDArray weight, NDArray bias) {
    this.scope = scope;
    this.list = list;
    this.weight = weight;
    this.bias = bias;
    this.effective = weight;
  }

  NDArray weight() {
    return weight;
  }

  /**
   * Sets one adapter for each map fused here; passing none removes them.
   *
   * @param merging whether the adapters are added to the weight in each pass
   */
  void adapt(NDArray scale, boolean merging, Adapter... adapters) {
    this.scale = scale;
    this.merging = merging;
    this.adapters = adapters;
    forget();
  }

  private boolean isAdapted() {
    return adapters.length > 0;
  }

  /** Whether its weights, or an adapter of them, collect gradients. */
  boolean isTrained() {
    return isAdapted() || weight.hasGradient() || bias.hasGradient();
  }

  /** Computes with {@code merged} instead of the weight; passing the weight itself undoes that. */
  void replaceWeight(NDArray merged) {
    effective = merged;
    forget();
  }

  private void forget() {
    arguments = List.of();
    if (owner != null) {
      owner.close();
      owner = null;
    }
  }

  /**
   * Its script arguments: weight, bias, and with adapters the factors of one or three maps and the
   * scale.
   */
  List<NDArray> arguments() {
    if (arguments.isEmpty()) {
      List<NDArray> all = new ArrayList<>(List.of(effective, bias));
      for (Adapter adapter : adapters) {
        all.add(adapter.a());
        all.add(adapter.b());
      }
      if (isAdapted()) {
        all.add(scale);
      }
      owner = scope.newSubManager();
      arguments = all.stream().map(one -> TorchOps.listed(owner, one, list)).toList();
    }
    return arguments;
  }

  /** How a script applies the adapters of {@link #arguments}, if any. */
  int mode() {
    if (!merging || !isAdapted()) {
      return BESIDE;
    }
    return Torch.isRecording() ? MERGED_WITH_GRADIENTS : MERGED;
  }

  NDArray apply(NDArray x) {
    List<NDArray> all = new ArrayList<>(List.of(x));
    all.addAll(arguments());
    all.add(TorchOps.integer(mode()));
    return TorchOps.call("map", all.toArray(NDArray[]::new));
  }

  /** The weight with the adapters added to it, (out, in) float32; the caller closes it. */
  NDArray merged() {
    return TorchOps.call("merged", arguments().toArray(NDArray[]::new));
  }
}
