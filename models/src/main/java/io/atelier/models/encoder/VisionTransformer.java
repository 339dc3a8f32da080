package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.encoder.VitBlocks.Affine;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Pixels;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * A Vision Transformer (Dosovitskiy et al. 2021), pre-norm, for square images of one size: DINOv2
 * (Oquab et al. 2023) with and without registers, DINOv3 (Siméoni et al. 2025), and the image sides
 * of CLIP (Radford et al. 2021) and SigLIP (Zhai et al. 2023).
 */
public final class VisionTransformer {

  private final VitConfig config;
  private final Parameters weights;
  private final VitNames names;
  private final Affine patch;
  private final NDArray prefix;
  private final NDArray positions;
  private final Rotation rotation;
  private final VitBlocks blocks;
  private final boolean whole;

  /**
   * @param scope owns the weights
   * @param source weights under the names of the layout of {@code config}
   * @param pixels rows and columns of the images, a multiple of the patch
   */
  public VisionTransformer(NDManager scope, VitConfig config, WeightSource source, int pixels) {
    this(scope, config, load(scope, config, source), source.origin(), pixels, config.depth());
  }

  /** The weights, in a form that all networks of this configuration can share. */
  static Parameters load(NDManager scope, VitConfig config, WeightSource source) {
    Parameters weights = Parameters.load(scope, source, config.shapes());
    VitBlocks.join(config, weights, 0, config.depth());
    return weights;
  }

  /**
   * @param scope owns arrays derived from the weights
   * @param weights from {@link #load}; may be shared
   * @param origin file or folder of the weights, for messages
   * @param depth number of blocks that are computed, from the first; if not all, there is no final
   *     norm
   */
  VisionTransformer(
      NDManager scope, VitConfig config, Parameters weights, String origin, int pixels, int depth) {
    config.requireWhole(origin, pixels);
    this.config = config;
    this.names = config.layout().names();
    this.weights = weights;
    NDArray kernel = weights.get(names.patch + "weight");
    this.patch =
        config.family().hasPatchBias()
            ? Affine.of(weights, names.patch)
            : new Affine(kernel, Host.toNative(scope, new float[config.width()], config.width()));
    int side = pixels / config.patch();
    float[] classPosition = {};
    if (config.family().hasTable()) {
      float[] table = VitBlocks.floats(weights, names.positions);
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
    this.blocks = new VitBlocks(scope, config, weights, rotation, 0, depth);
    this.whole = depth == config.depth();
  }

  /** The class token with its position, and the registers, which have none: (1, 1 + R, D). */
  private NDArray prefix(NDManager scope, float[] classPosition) {
    int width = config.width();
    float[] token = VitBlocks.floats(weights, names.classToken);
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
   * All tokens after the final norm, or, where blocks are left out, the input of the first of
   * these.
   *
   * @param scope owns the result
   * @param pixels (B, 3, H, H) of this network's size
   * @param seen takes the index of each block and its output before any norm, which has the shape
   *     of the result and is valid only during the call
   * @return (B, prefix + patches, D): class token if there is one, registers, patches row by row
   */
  NDArray tokens(NDManager scope, Pixels pixels, BiConsumer<Integer, NDArray> seen) {
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
      x = Affine.of(weights, names.normFirst).norm(x, config);
    }
    x = blocks.forward(scope, x, seen);
    return whole ? Affine.of(weights, names.norm).norm(x, config) : x;
  }

  /**
   * The vector of the whole image: the class token, or the pooled patches if there is none.
   *
   * @param tokens result of {@link #tokens}
   * @return (B, D)
   */
  public NDArray vector(NDArray tokens) {
    if (config.family().hasClassToken()) {
      return tokens.get(":, 0");
    }
    String p = names.pool;
    Affine qkv = Affine.of(weights, p + VitNames.POOL_QKV);
    NDArray probe = weights.get(p + VitNames.PROBE);
    NDArray heads = TorchOps.integer(config.heads());
    NDArray pooled =
        TorchOps.call("pooling_attention", tokens, probe, qkv.weight(), qkv.bias(), heads);
    NDArray y = Affine.of(weights, p + VitNames.POOL_OUT).linear(pooled);
    NDArray h = Affine.of(weights, p + VitNames.POOL_NORM).norm(y, config);
    h = Affine.of(weights, p + names.first).linear(h);
    h = TorchOps.call(config.activation().operator(), h);
    return y.add(Affine.of(weights, p + names.second).linear(h)).get(":, 0");
  }

  /**
   * The class token in the space that images share with texts.
   *
   * @param tokens result of {@link #tokens}
   * @return (B, projection)
   */
  public NDArray projected(NDArray tokens) {
    return projected(config, vector(tokens), weights.get(names.projection));
  }

  /**
   * The projection of a class token.
   *
   * @param map the projection, as stored in its layout
   */
  static NDArray projected(VitConfig config, NDArray classToken, NDArray map) {
    return config.layout() == VitLayout.OPEN_CLIP
        ? classToken.matMul(Stored.unpacked(map))
        : TorchOps.call("project", classToken, map);
  }
}
