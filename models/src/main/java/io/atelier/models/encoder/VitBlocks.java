package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Successive blocks of a Vision Transformer. Differentiable. */
final class VitBlocks {

  /** Weights of a linear map or norm. */
  record Affine(NDArray weight, NDArray bias) {

    /** The weights named {@code name} followed by {@code weight} and {@code bias}. */
    static Affine of(Parameters weights, String name) {
      return new Affine(weights.get(name + "weight"), weights.get(name + "bias"));
    }

    /** Layer norm of the last dimension. */
    NDArray norm(NDArray x, VitConfig config) {
      return JniUtils.layerNorm(
          (PtNDArray) x,
          new Shape(config.width()),
          (PtNDArray) weight,
          (PtNDArray) bias,
          config.epsilon());
    }

    NDArray linear(NDArray x) {
      return TorchOps.linear(x, weight, bias);
    }
  }

  /** Weights of one block; the scales are null if there are none. */
  private record Block(
      Affine norm1,
      Affine qkv,
      Affine out,
      NDArray scale1,
      Affine norm2,
      Affine first,
      Affine second,
      NDArray scale2) {}

  private final VitConfig config;
  private final Rotation rotation;
  private final NDArray heads;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param scope owns arrays derived from the weights
   * @param weights at least those of the blocks; separate maps of an attention are fused, unless
   *     {@link #join} has done so
   * @param rotation rotation of queries and keys; null if positions are in the tokens
   * @param from first block, 0 to {@code to}
   * @param to the block after the last one
   */
  VitBlocks(
      NDManager scope, VitConfig config, Parameters weights, Rotation rotation, int from, int to) {
    this.config = config;
    this.rotation = rotation;
    this.heads = TorchOps.integer(config.heads());
    VitNames names = config.layout().names();
    boolean gated = config.activation() == VitConfig.Activation.SWIGLU;
    boolean scaled = config.family().layerScale();
    for (int i = from; i < to; i++) {
      String p = names.block(i);
      blocks.add(
          new Block(
              Affine.of(weights, p + names.norm1),
              new Affine(joined(weights, config.layout().qkv(i)), qkvBias(scope, weights, i)),
              Affine.of(weights, p + names.out),
              scaled ? weights.get(p + names.scale1) : null,
              Affine.of(weights, p + names.norm2),
              Affine.of(weights, p + names.first(gated)),
              Affine.of(weights, p + names.second(gated)),
              scaled ? weights.get(p + names.scale2) : null));
    }
  }

  /** Fuses the attention maps of some blocks, so that several users can share them. */
  static void join(VitConfig config, Parameters weights, int from, int to) {
    for (int i = from; i < to; i++) {
      joined(weights, config.layout().qkv(i));
      if (config.biases() == VitConfig.Biases.ALL) {
        joined(weights, config.layout().qkvBiases(i, config.biases()));
      }
    }
  }

  /** The biases of queries, keys and values, zeros for absent ones. */
  private NDArray qkvBias(NDManager scope, Parameters weights, int index) {
    VitConfig.Biases biases = config.biases();
    List<String> parts = config.layout().qkvBiases(index, biases);
    if (biases == VitConfig.Biases.ALL) {
      return joined(weights, parts);
    }
    int width = config.width();
    float[] bias = new float[3 * width];
    if (biases == VitConfig.Biases.QUERIES_AND_VALUES) {
      System.arraycopy(floats(weights, parts.get(0)), 0, bias, 0, width);
      System.arraycopy(floats(weights, parts.get(1)), 0, bias, 2 * width, width);
    }
    return Host.toNative(scope, bias, bias.length);
  }

  /** A weight as a JVM array. */
  static float[] floats(Parameters weights, String name) {
    return Host.floats(Stored.unpacked(weights.get(name)));
  }

  private static NDArray joined(Parameters weights, List<String> parts) {
    return parts.size() == 1
        ? weights.get(parts.get(0))
        : weights.fuse(parts.get(0) + "+", parts.toArray(String[]::new));
  }

  /**
   * The output of the last block.
   *
   * @param scope owns the result
   * @param x (B, tokens, D); closed if there is a block
   */
  NDArray forward(NDManager scope, NDArray x) {
    return forward(scope, x, (index, y) -> {});
  }

  /**
   * As {@link #forward(NDManager, NDArray)}.
   *
   * @param seen takes the index of each block among these, and its output, (B, tokens, D), which is
   *     closed later
   */
  NDArray forward(NDManager scope, NDArray x, BiConsumer<Integer, NDArray> seen) {
    NDArray y = x;
    int index = 0;
    for (Block block : blocks) {
      NDManager inner = scope.newSubManager();
      y.attach(inner);
      y = block(y, block);
      y.attach(scope);
      inner.close();
      seen.accept(index++, y);
    }
    return y;
  }

  private NDArray block(NDArray x, Block b) {
    NDArray qkv = b.qkv().linear(b.norm1().norm(x, config));
    NDArray attended =
        rotation == null
            ? TorchOps.call("attention", qkv, heads)
            : TorchOps.call("rotated_attention", qkv, rotation.cos(), rotation.sin(), heads);
    NDArray y = sum(x, b.scale1(), b.out().linear(attended));
    NDArray h = b.first().linear(b.norm2().norm(y, config));
    h = TorchOps.call(config.activation().operator(), h);
    return sum(y, b.scale2(), b.second().linear(h));
  }

  private static NDArray sum(NDArray x, NDArray scale, NDArray y) {
    return scale == null ? x.add(y) : TorchOps.call("scaled_sum", x, scale, y);
  }
}
