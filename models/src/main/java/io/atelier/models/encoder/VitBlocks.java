package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;

/** Successive blocks of a Vision Transformer. Can be differentiated. */
final class VitBlocks {

  /** Weights of a linear map or norm. */
  record Affine(NDArray weight, NDArray bias) {

    /** Those called {@code name} and its last word. */
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

    private NDArray linear(NDArray x) {
      return TorchOps.linear(x, weight, bias);
    }
  }

  /** Weights of one block; the scales are null where there are none. */
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
  private final NDArray heads;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param weights those of the blocks at least; separate maps of an attention become one
   * @param from first block, 0 to {@code to}
   * @param to the block after the last one
   */
  VitBlocks(VitConfig config, Parameters weights, int from, int to) {
    this.config = config;
    this.heads = TorchOps.integer(config.heads());
    VitLayout layout = config.layout();
    VitNames names = layout.names();
    boolean gated = config.activation() == VitConfig.Activation.SWIGLU;
    for (int i = from; i < to; i++) {
      String p = names.block(i);
      blocks.add(
          new Block(
              Affine.of(weights, p + names.norm1),
              new Affine(
                  joined(weights, layout.qkv(i, "weight")), joined(weights, layout.qkv(i, "bias"))),
              Affine.of(weights, p + names.out),
              config.layerScale() ? weights.get(p + names.scale1) : null,
              Affine.of(weights, p + names.norm2),
              Affine.of(weights, p + names.first(gated)),
              Affine.of(weights, p + names.second(gated)),
              config.layerScale() ? weights.get(p + names.scale2) : null));
    }
  }

  private static NDArray joined(Parameters weights, List<String> parts) {
    return parts.size() == 1
        ? weights.get(parts.get(0))
        : weights.fuse(parts.get(0) + "+", parts.toArray(String[]::new));
  }

  /**
   * What comes out of the last block.
   *
   * @param scope owns the result
   * @param x (B, tokens, D); closed if there is a block
   */
  NDArray forward(NDManager scope, NDArray x) {
    NDArray y = x;
    for (Block block : blocks) {
      NDManager inner = scope.newSubManager();
      y.attach(inner);
      y = block(y, block);
      y.attach(scope);
      inner.close();
    }
    return y;
  }

  private NDArray block(NDArray x, Block b) {
    NDArray attended = TorchOps.call("attention", b.qkv().linear(b.norm1().norm(x, config)), heads);
    NDArray y = sum(x, b.scale1(), b.out().linear(attended));
    NDArray h = b.first().linear(b.norm2().norm(y, config));
    h = TorchOps.call(config.activation().operator(), h);
    return sum(y, b.scale2(), b.second().linear(h));
  }

  private static NDArray sum(NDArray x, NDArray scale, NDArray y) {
    return scale == null ? x.add(y) : TorchOps.call("scaled_sum", x, scale, y);
  }
}
