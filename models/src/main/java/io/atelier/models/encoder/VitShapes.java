package io.atelier.models.encoder;

import java.util.LinkedHashMap;
import java.util.Map;

/** Shape of every weight of a Vision Transformer, under the names of its layout. */
final class VitShapes {

  private final VitConfig config;
  private final VitNames names;
  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  private VitShapes(VitConfig config) {
    this.config = config;
    this.names = config.layout().names();
  }

  static Map<String, long[]> of(VitConfig config) {
    VitShapes shapes = new VitShapes(config);
    shapes.embedding();
    shapes.blocks(0, config.depth());
    shapes.ends();
    return shapes.shapes;
  }

  /** Shapes of blocks {@code from} (inclusive) to {@code to} (exclusive) only. */
  static Map<String, long[]> blocks(VitConfig config, int from, int to) {
    VitShapes shapes = new VitShapes(config);
    shapes.blocks(from, to);
    return shapes.shapes;
  }

  private void blocks(int from, int to) {
    for (int i = from; i < to; i++) {
      block(i);
    }
  }

  private void embedding() {
    VitFamily family = config.family();
    long width = config.width();
    put(names.patch + "weight", width, 3, config.patch(), config.patch());
    if (family.hasPatchBias()) {
      put(names.patch + "bias", width);
    }
    // Unlike image-only networks, those with a text side have no dimensions of 1.
    if (family.hasClassToken()) {
      put(names.classToken, family.isOfTexts() ? new long[] {width} : new long[] {1, 1, width});
    }
    if (family.hasTable()) {
      long places = (long) config.side() * config.side() + (config.classPosition() ? 1 : 0);
      put(
          names.positions,
          family.isOfTexts() ? new long[] {places, width} : new long[] {1, places, width});
    }
    if (config.registers() > 0) {
      put(names.registers, 1, config.registers(), width);
    }
    if (family.normFirst()) {
      affine(names.normFirst);
    }
  }

  private void block(int index) {
    long width = config.width();
    long inner = config.inner();
    boolean gated = config.activation() == VitConfig.Activation.SWIGLU;
    String p = names.block(index);
    affine(p + names.norm1);
    for (String part : names.qkv) {
      put(p + part + "weight", 3 * width / names.qkv.size(), width);
    }
    for (String bias : config.layout().qkvBiases(index, config.biases())) {
      put(bias, config.biases() == VitConfig.Biases.ALL ? 3 * width / names.qkv.size() : width);
    }
    linear(p + names.out, width, width);
    affine(p + names.norm2);
    linear(p + names.first(gated), (gated ? 2 : 1) * inner, width);
    linear(p + names.second(gated), width, inner);
    if (config.family().layerScale()) {
      put(p + names.scale1, width);
      put(p + names.scale2, width);
    }
  }

  private void ends() {
    long width = config.width();
    long projection = config.projection();
    affine(names.norm);
    if (projection > 0) {
      boolean transposed = config.layout() == VitLayout.OPEN_CLIP;
      put(
          names.projection,
          transposed ? new long[] {width, projection} : new long[] {projection, width});
    }
    if (config.family() == VitFamily.SIGLIP) {
      put(names.pool + VitNames.PROBE, 1, 1, width);
      put(names.pool + VitNames.POOL_QKV + "weight", 3 * width, width);
      put(names.pool + VitNames.POOL_QKV + "bias", 3 * width);
      linear(names.pool + VitNames.POOL_OUT, width, width);
      affine(names.pool + VitNames.POOL_NORM);
      linear(names.pool + names.first, config.inner(), width);
      linear(names.pool + names.second, width, config.inner());
    }
  }

  private void put(String name, long... shape) {
    shapes.put(name, shape);
  }

  private void affine(String name) {
    put(name + "weight", config.width());
    put(name + "bias", config.width());
  }

  private void linear(String name, long out, long in) {
    put(name + "weight", out, in);
    put(name + "bias", out);
  }
}
