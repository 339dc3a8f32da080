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
import java.util.Map;

/**
 * A Vision Transformer (Dosovitskiy et al. 2021), pre-norm, for square images of one size: DINOv2
 * (Oquab et al. 2023) with and without registers, and the image side of CLIP (Radford et al. 2021).
 */
public final class VisionTransformer {

  private final VitConfig config;
  private final Parameters weights;
  private final VitNames names;
  private final Affine patch;
  private final NDArray prefix;
  private final NDArray positions;
  private final VitBlocks blocks;
  private final boolean whole;

  /**
   * @param scope owns the weights
   * @param source in the names of the layout of {@code config}
   * @param pixels rows and columns of the images, a multiple of the patch
   */
  public VisionTransformer(NDManager scope, VitConfig config, WeightSource source, int pixels) {
    this(scope, config, source, pixels, config.depth());
  }

  /**
   * The beginning of a network.
   *
   * @param depth blocks that are there, the first ones; with fewer than all, there is no final norm
   */
  VisionTransformer(NDManager scope, VitConfig config, WeightSource source, int pixels, int depth) {
    config.requireWhole(source.origin(), pixels);
    this.config = config;
    VitLayout layout = config.layout();
    this.names = layout.names();
    this.whole = depth == config.depth();
    Map<String, long[]> shapes = config.shapes();
    shapes.keySet().removeAll(config.blockShapes(depth, config.depth()).keySet());
    this.weights = Parameters.load(scope, source, shapes);
    NDArray kernel = weights.get(names.patch + "weight");
    this.patch =
        layout.isClip()
            ? new Affine(kernel, Host.toNative(scope, new float[config.width()], config.width()))
            : Affine.of(weights, names.patch);
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
    this.blocks = new VitBlocks(config, weights, 0, depth);
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
   * All tokens after the final norm; where blocks are left out, what goes into the first of these.
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
      x = Affine.of(weights, names.normFirst).norm(x, config);
    }
    x = blocks.forward(scope, x);
    return whole ? Affine.of(weights, names.norm).norm(x, config) : x;
  }

  /**
   * The class token in the space that images share with texts.
   *
   * @param tokens what {@link #tokens} gives
   * @return (B, projection)
   */
  public NDArray projected(NDArray tokens) {
    return projected(config, tokens.get(":, 0"), weights.get(names.projection));
  }

  /**
   * The projection of a class token.
   *
   * @param map as its layout has it
   */
  static NDArray projected(VitConfig config, NDArray classToken, NDArray map) {
    return config.layout() == VitLayout.OPEN_CLIP
        ? classToken.matMul(Stored.unpacked(map))
        : TorchOps.call("project", classToken, map);
  }
}
