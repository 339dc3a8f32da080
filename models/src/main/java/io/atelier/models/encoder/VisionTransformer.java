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
 * (Oquab et al. 2023) with and without registers, DINOv3 (Siméoni et al. 2025), and the image sides
 * of CLIP (Radford et al. 2021) and SigLIP (Zhai et al. 2023).
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
  private final Rotation rotation;
  private final List<Block> blocks = new ArrayList<>();
  private final Affine norm;

  /**
   * @param scope owns the weights
   * @param source in the names of the layout of {@code config}
   * @param pixels rows and columns of the images, a multiple of the patch
   */
  public VisionTransformer(NDManager scope, VitConfig config, WeightSource source, int pixels) {
    this(scope, config, load(scope, config, source), source.origin(), pixels);
  }

  /** The weights, as all networks of this configuration can use them. */
  static Parameters load(NDManager scope, VitConfig config, WeightSource source) {
    Parameters weights = Parameters.load(scope, source, config.shapes());
    for (int i = 0; i < config.depth(); i++) {
      joined(weights, config.layout().qkv(i));
      if (config.biases() == VitConfig.Biases.ALL) {
        joined(weights, config.layout().qkvBiases(i, config.biases()));
      }
    }
    return weights;
  }

  /**
   * @param scope owns what is made of the weights
   * @param weights from {@link #load}; others may use them as well
   * @param origin file or folder of the weights, for messages
   */
  VisionTransformer(
      NDManager scope, VitConfig config, Parameters weights, String origin, int pixels) {
    config.requireWhole(origin, pixels);
    this.config = config;
    this.names = config.layout().names();
    this.weights = weights;
    this.heads = TorchOps.integer(config.heads());
    NDArray kernel = weights.get(names.patch + "weight");
    this.patch =
        config.family().hasPatchBias()
            ? new Affine(kernel, weights.get(names.patch + "bias"))
            : new Affine(kernel, Host.toNative(scope, new float[config.width()], config.width()));
    int side = pixels / config.patch();
    float[] classPosition = {};
    if (config.family().hasTable()) {
      float[] table = floats(names.positions);
      int skipped = config.classPosition() ? config.width() : 0;
      classPosition = Arrays.copyOf(table, skipped);
      float[] places = Arrays.copyOfRange(table, skipped, table.length);
      float[] resized = config.positions().at(places, config.width(), config.side(), side);
      this.positions = Host.toNative(scope, resized, 1, (long) side * side, config.width());
      this.rotation = null;
    } else {
      this.positions = null;
      this.rotation = Rotation.of(scope, side, config.width() / config.heads());
    }
    this.prefix = config.prefix() == 0 ? null : prefix(scope, classPosition);
    for (int i = 0; i < config.depth(); i++) {
      blocks.add(block(scope, i));
    }
    this.norm = affine(names.norm);
  }

  private Block block(NDManager scope, int index) {
    String p = names.block(index);
    boolean gated = config.activation() == VitConfig.Activation.SWIGLU;
    boolean scaled = config.family().layerScale();
    return new Block(
        affine(p + names.norm1),
        new Affine(joined(weights, config.layout().qkv(index)), qkvBias(scope, index)),
        affine(p + names.out),
        scaled ? weights.get(p + names.scale1) : null,
        affine(p + names.norm2),
        affine(p + names.first(gated)),
        affine(p + names.second(gated)),
        scaled ? weights.get(p + names.scale2) : null);
  }

  /** The biases of queries, keys and values, zeros for those that are not there. */
  private NDArray qkvBias(NDManager scope, int index) {
    VitConfig.Biases biases = config.biases();
    List<String> parts = config.layout().qkvBiases(index, biases);
    if (biases == VitConfig.Biases.ALL) {
      return joined(weights, parts);
    }
    int width = config.width();
    float[] bias = new float[3 * width];
    if (biases == VitConfig.Biases.QUERIES_AND_VALUES) {
      System.arraycopy(floats(parts.get(0)), 0, bias, 0, width);
      System.arraycopy(floats(parts.get(1)), 0, bias, 2 * width, width);
    }
    return Host.toNative(scope, bias, bias.length);
  }

  private float[] floats(String name) {
    return Host.floats(Stored.unpacked(weights.get(name)));
  }

  private Affine affine(String name) {
    return new Affine(weights.get(name + "weight"), weights.get(name + "bias"));
  }

  private static NDArray joined(Parameters weights, List<String> parts) {
    return parts.size() == 1
        ? weights.get(parts.get(0))
        : weights.fuse(parts.get(0) + "+", parts.toArray(String[]::new));
  }

  /** The class token with its position, and the registers, which have none: (1, 1 + R, D). */
  private NDArray prefix(NDManager scope, float[] classPosition) {
    int width = config.width();
    float[] token = floats(names.classToken);
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

  public Parameters weights() {
    return weights;
  }

  /**
   * All tokens after the final norm.
   *
   * @param scope owns the result
   * @param pixels (B, 3, H, H) of the size that this was made for
   * @return (B, prefix + patches, D): class token if there is one, registers, patches row by row
   */
  public NDArray tokens(NDManager scope, Pixels pixels) {
    NDArray images =
        Host.toNative(scope, pixels.values(), pixels.count(), 3, pixels.height(), pixels.width());
    NDArray x = TorchOps.call("patchify", images, patch.weight(), patch.bias());
    if (positions != null) {
      x = x.add(positions);
    }
    if (prefix != null) {
      x = TorchOps.call("prefixed", x, prefix);
    }
    if (config.family().normFirst()) {
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
   * What stands for the whole image: the class token, or where there is none the patches pooled.
   *
   * @param tokens what {@link #tokens} gives
   * @return (B, D)
   */
  public NDArray vector(NDArray tokens) {
    if (config.family().hasClassToken()) {
      return tokens.get(":, 0");
    }
    String p = names.pool;
    Affine qkv = affine(p + VitNames.POOL_QKV);
    NDArray probe = weights.get(p + VitNames.PROBE);
    NDArray pooled =
        TorchOps.call("pooling_attention", tokens, probe, qkv.weight(), qkv.bias(), heads);
    NDArray y = linear(pooled, affine(p + VitNames.POOL_OUT));
    NDArray h = linear(norm(y, affine(p + VitNames.POOL_NORM)), affine(p + names.first));
    h = TorchOps.call(config.activation().operator(), h);
    return y.add(linear(h, affine(p + names.second))).get(":, 0");
  }

  /**
   * The class token in the space that images share with texts.
   *
   * @param tokens what {@link #tokens} gives
   * @return (B, projection)
   */
  public NDArray projected(NDArray tokens) {
    NDArray vector = vector(tokens);
    NDArray map = weights.get(names.projection);
    return config.layout() == VitLayout.OPEN_CLIP
        ? vector.matMul(Stored.unpacked(map))
        : TorchOps.call("project", vector, map);
  }

  private NDArray block(NDArray x, Block b) {
    NDArray qkv = linear(norm(x, b.norm1()), b.qkv());
    NDArray attended =
        rotation == null
            ? TorchOps.call("attention", qkv, heads)
            : TorchOps.call("rotated_attention", qkv, rotation.cos(), rotation.sin(), heads);
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
