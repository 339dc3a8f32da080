package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A Vision Transformer (Dosovitskiy et al. 2021), pre-norm, for square images of one size: DINOv2
 * (Oquab et al. 2023) with and without registers, and the image side of CLIP (Radford et al. 2021).
 */
public final class VisionTransformer {

  private record Affine(NDArray weight, NDArray bias) {}

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
  private final Parameters weights;
  private final VitNames names;
  private final NDArray heads;
  private final Affine patch;
  private final NDArray prefix;
  private final NDArray positions;
  private final List<Block> blocks = new ArrayList<>();
  private final Affine norm;

  /**
   * @param scope owns the weights
   * @param source in the names of the layout of {@code config}
   * @param pixels rows and columns of the images, a multiple of the patch
   */
  public VisionTransformer(NDManager scope, VitConfig config, WeightSource source, int pixels) {
    config.requireWhole(source.origin(), pixels);
    this.config = config;
    VitLayout layout = config.layout();
    this.names = layout.names();
    this.weights = Parameters.load(scope, source, config.shapes());
    this.heads = TorchOps.integer(config.heads());
    NDArray kernel = weights.get(names.patch + "weight");
    this.patch =
        layout.isClip()
            ? new Affine(kernel, Host.toNative(scope, new float[config.width()], config.width()))
            : new Affine(kernel, weights.get(names.patch + "bias"));
    float[] table = Host.floats(Stored.unpacked(weights.get(names.positions)));
    int width = config.width();
    int skipped = config.classPosition() ? width : 0;
    int side = pixels / config.patch();
    float[] resized =
        config
            .positions()
            .at(Arrays.copyOfRange(table, skipped, table.length), width, config.side(), side);
    this.positions = Host.toNative(scope, resized, 1, (long) side * side, width);
    this.prefix = prefix(scope, Arrays.copyOf(table, skipped));
    boolean gated = config.activation() == VitConfig.Activation.SWIGLU;
    for (int i = 0; i < config.depth(); i++) {
      String p = names.block(i);
      blocks.add(
          new Block(
              affine(p + names.norm1),
              new Affine(joined(layout.qkv(i, "weight")), joined(layout.qkv(i, "bias"))),
              affine(p + names.out),
              config.layerScale() ? weights.get(p + names.scale1) : null,
              affine(p + names.norm2),
              affine(p + names.first(gated)),
              affine(p + names.second(gated)),
              config.layerScale() ? weights.get(p + names.scale2) : null));
    }
    this.norm = affine(names.norm);
  }

  private Affine affine(String name) {
    return new Affine(weights.get(name + "weight"), weights.get(name + "bias"));
  }

  private NDArray joined(List<String> parts) {
    return parts.size() == 1
        ? weights.get(parts.get(0))
        : weights.fuse(parts.get(0) + "+", parts.toArray(String[]::new));
  }

  /** The class token with its position, and the registers, which have none: (1, 1 + R, D). */
  private NDArray prefix(NDManager scope, float[] classPosition) {
    int width = config.width();
    float[] token = Host.floats(Stored.unpacked(weights.get(names.classToken)));
    for (int i = 0; i < classPosition.length; i++) {
      token[i] += classPosition[i];
    }
    NDArray cls = Host.toNative(scope, token, 1, 1, width);
    return config.registers() == 0
        ? cls
        : NDArrays.concat(new NDList(cls, Stored.unpacked(weights.get(names.registers))), 1);
  }

  public VitConfig config() {
    return config;
  }

  /**
   * All tokens after the final norm.
   *
   * @param scope owns the result
   * @param pixels (B, 3, H, H) of the size that this was made for
   * @return (B, 1 + R + patches, D): class token, registers, patches row by row
   */
  public NDArray tokens(NDManager scope, Pixels pixels) {
    NDArray images =
        Host.toNative(scope, pixels.values(), pixels.count(), 3, pixels.height(), pixels.width());
    NDArray x = TorchOps.call("patchify", images, patch.weight(), patch.bias()).add(positions);
    x = TorchOps.call("prefixed", x, prefix);
    if (config.normFirst()) {
      x = norm(x, affine(names.normFirst));
    }
    for (Block block : blocks) {
      NDManager inner = scope.newSubManager();
      x.attach(inner);
      x = block(x, block);
      x.attach(scope);
      inner.close();
    }
    return norm(x, norm);
  }

  /**
   * The class token in the space that images share with texts.
   *
   * @param tokens what {@link #tokens} gives
   * @return (B, projection)
   */
  public NDArray projected(NDArray tokens) {
    NDArray cls = tokens.get(":, 0");
    NDArray map = weights.get(names.projection);
    return config.layout() == VitLayout.OPEN_CLIP
        ? cls.matMul(Stored.unpacked(map))
        : TorchOps.call("project", cls, map);
  }

  private NDArray block(NDArray x, Block b) {
    NDArray attended = TorchOps.call("attention", linear(norm(x, b.norm1()), b.qkv()), heads);
    NDArray y = sum(x, b.scale1(), linear(attended, b.out()));
    NDArray h = linear(norm(y, b.norm2()), b.first());
    h = TorchOps.call(config.activation().operator(), h);
    return sum(y, b.scale2(), linear(h, b.second()));
  }

  private static NDArray sum(NDArray x, NDArray scale, NDArray y) {
    return scale == null ? x.add(y) : TorchOps.call("scaled_sum", x, scale, y);
  }

  private NDArray norm(NDArray x, Affine affine) {
    return JniUtils.layerNorm(
        (PtNDArray) x,
        new Shape(config.width()),
        (PtNDArray) affine.weight(),
        (PtNDArray) affine.bias(),
        config.epsilon());
  }

  private static NDArray linear(NDArray x, Affine map) {
    return TorchOps.linear(x, map.weight(), map.bias());
  }
}
