package io.atelier.models.encoder;

import io.atelier.models.tensor.WeightSource;
import java.util.Arrays;
import java.util.Optional;

/** Infers the sizes of a DINOv2 or DINOv3 from the shapes of its weights. */
final class VitInference {

  /** Head width of every published DINOv2, and of the DINOv3 without a gate. */
  private static final int HEAD = 64;

  /** Patches along the side of DINOv3's initial training images. */
  private static final int DINOV3_SIDE = 16;

  private final VitLayout layout;
  private final VitFamily family;
  private final VitNames names;
  private final WeightSource source;

  VitInference(VitLayout layout, WeightSource source) {
    this.layout = layout;
    this.family = layout.family();
    this.names = layout.names();
    this.source = source;
  }

  /** See {@link VitLayout#infer}. */
  VitConfig config(Optional<Integer> heads) {
    long[] patch = shape(names.patch + "weight", 4);
    int width = (int) patch[0];
    int depth = 0;
    while (source.contains(names.block(depth) + names.norm1 + "weight")) {
      depth++;
    }
    boolean tokens = source.contains(names.registers);
    int registers = tokens ? (int) shape(names.registers, 3)[1] : 0;
    int side = family.hasTable() ? side(registers) : DINOV3_SIDE;
    if (depth == 0 || side < 1) {
      throw new IllegalArgumentException(
          "%s: %d blocks and a table of %d positions are not a Vision Transformer for square images"
              .formatted(source.origin(), depth, places(registers)));
    }
    boolean gated =
        layout == VitLayout.TIMM
            ? shape(names.block(0) + names.first + "weight", 2)[0]
                == 2 * shape(names.block(0) + names.second + "weight", 2)[1]
            : source.contains(names.block(0) + names.gatedFirst + "weight");
    String second = names.block(0) + names.second(gated) + "weight";
    if (heads.isEmpty() && width % HEAD != 0) {
      throw new IllegalArgumentException(
          ("%s: a width of %d is not a multiple of %d, so the number of attention heads is not"
                  + " known; put it in a folder with a config.json of transformers")
              .formatted(source.origin(), width, HEAD));
    }
    return new VitConfig(
        layout,
        width,
        depth,
        heads.orElse(width / HEAD),
        (int) shape(second, 2)[1],
        (int) patch[2],
        side,
        registers,
        biases(),
        gated ? VitConfig.Activation.SWIGLU : VitConfig.Activation.GELU,
        family == VitFamily.DINOV3 ? 1e-5 : 1e-6,
        0);
  }

  private VitConfig.Biases biases() {
    if (family != VitFamily.DINOV3) {
      return VitConfig.Biases.ALL;
    }
    return source.contains(names.block(0) + names.queryBias)
        ? VitConfig.Biases.QUERIES_AND_VALUES
        : VitConfig.Biases.NONE;
  }

  private long places(int registers) {
    return family.hasTable()
        ? shape(names.positions, 3)[1] - (layout.classPosition(registers) ? 1 : 0)
        : 0;
  }

  /** Rows and columns of the position table; 0 if it is not square. */
  private int side(int registers) {
    long places = places(registers);
    int side = (int) Math.round(Math.sqrt(places));
    return (long) side * side == places ? side : 0;
  }

  private long[] shape(String name, int dimensions) {
    if (!source.contains(name)) {
      throw new IllegalArgumentException(
          "%s: tensor \"%s\" is missing".formatted(source.origin(), name));
    }
    long[] shape = source.shape(name);
    if (shape.length != dimensions) {
      throw new IllegalArgumentException(
          "%s: tensor \"%s\" has shape %s, not %d dimensions"
              .formatted(source.origin(), name, Arrays.toString(shape), dimensions));
    }
    return shape;
  }
}
