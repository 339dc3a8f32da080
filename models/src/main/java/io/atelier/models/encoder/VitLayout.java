package io.atelier.models.encoder;

import io.atelier.models.tensor.WeightSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Under which names, and in which shapes, a file holds the weights of a Vision Transformer. */
public enum VitLayout {
  /** The files that Meta publishes, and models of its own code. */
  FACEBOOK(meta("register_tokens").inner("mlp.fc1.", "mlp.fc2.", "mlp.w12.", "mlp.w3.")),
  /** DINOv2 in timm; positions are of patches alone where there are registers. */
  TIMM(meta("reg_token").inner("mlp.fc1.", "mlp.fc2.", "mlp.fc1.", "mlp.fc2.")),
  /** DINOv2 in transformers. */
  TRANSFORMERS(
      names(
              "embeddings.patch_embeddings.projection.",
              "embeddings.cls_token",
              "embeddings.position_embeddings",
              "embeddings.register_tokens")
          .blocks(
              "encoder.layer.",
              "norm1.",
              "attention.output.dense.",
              "norm2.",
              "attention.attention.query.",
              "attention.attention.key.",
              "attention.attention.value.")
          .inner("mlp.fc1.", "mlp.fc2.", "mlp.weights_in.", "mlp.weights_out.")
          .ends("", "layernorm.", "")
          .scales("layer_scale1.lambda1", "layer_scale2.lambda1")),
  /** CLIP in transformers. */
  CLIP(
      names(
              "vision_model.embeddings.patch_embedding.",
              "vision_model.embeddings.class_embedding",
              "vision_model.embeddings.position_embedding.weight",
              "")
          .blocks(
              "vision_model.encoder.layers.",
              "layer_norm1.",
              "self_attn.out_proj.",
              "layer_norm2.",
              "self_attn.q_proj.",
              "self_attn.k_proj.",
              "self_attn.v_proj.")
          .inner("mlp.fc1.", "mlp.fc2.", "", "")
          .ends(
              "vision_model.pre_layrnorm.", // so spelled there
              "vision_model.post_layernorm.",
              "visual_projection.weight")),
  /** CLIP in open_clip; the projection is transposed. */
  OPEN_CLIP(
      names("visual.conv1.", "visual.class_embedding", "visual.positional_embedding", "")
          .blocks(
              "visual.transformer.resblocks.", "ln_1.", "attn.out_proj.", "ln_2.", "attn.in_proj_")
          .inner("mlp.c_fc.", "mlp.c_proj.", "", "")
          .ends("visual.ln_pre.", "visual.ln_post.", "visual.proj"));

  /** Head width of every published DINOv2. */
  private static final int HEAD = 64;

  private final VitNames names;

  VitLayout(VitNames names) {
    this.names = names;
  }

  private static VitNames names(
      String patch, String classToken, String positions, String registers) {
    return new VitNames(patch, classToken, positions, registers);
  }

  /** Names of Meta's own code, most of which timm has taken over. */
  private static VitNames meta(String registers) {
    return names("patch_embed.proj.", "cls_token", "pos_embed", registers)
        .blocks("blocks.", "norm1.", "attn.proj.", "norm2.", "attn.qkv.")
        .ends("", "norm.", "")
        .scales("ls1.gamma", "ls2.gamma");
  }

  VitNames names() {
    return names;
  }

  /** Whether the network is the image side of a CLIP. */
  public boolean isClip() {
    return this == CLIP || this == OPEN_CLIP;
  }

  /** The layout of a file, by its names; empty if it is none of these. */
  public static Optional<VitLayout> of(WeightSource source) {
    return Arrays.stream(values())
        .filter(layout -> source.contains(layout.names.classToken))
        .filter(layout -> source.contains(layout.names.patch + "weight"))
        .filter(layout -> layout != FACEBOOK || !source.contains(TIMM.names.registers))
        .filter(layout -> layout != TIMM || !source.contains(FACEBOOK.names.registers))
        .findFirst();
  }

  /** How the reference of this layout brings positions to another size. */
  PositionTable positions(int registers) {
    return switch (this) {
      case FACEBOOK -> registers == 0 ? PositionTable.OFFSET : PositionTable.ANTIALIASED;
      case TRANSFORMERS -> registers == 0 ? PositionTable.PLAIN : PositionTable.ANTIALIASED;
      case CLIP -> PositionTable.PLAIN;
      case TIMM, OPEN_CLIP -> PositionTable.ANTIALIASED;
    };
  }

  /** Whether the class token has a position of its own. */
  boolean classPosition(int registers) {
    return this != TIMM || registers == 0;
  }

  /**
   * Sizes of a DINOv2 by the shapes of its weights.
   *
   * @param heads attention heads, which no shape tells; empty for those of width 64, as every
   *     published DINOv2 has them
   * @throws IllegalArgumentException naming the weight that has an impossible shape
   */
  public VitConfig infer(WeightSource source, Optional<Integer> heads) {
    long[] patch = shape(source, names.patch + "weight", 4);
    int width = (int) patch[0];
    int depth = 0;
    while (source.contains(names.block(depth) + names.norm1 + "weight")) {
      depth++;
    }
    boolean tokens = source.contains(names.registers);
    int registers = tokens ? (int) shape(source, names.registers, 3)[1] : 0;
    long places = shape(source, names.positions, 3)[1] - (classPosition(registers) ? 1 : 0);
    int side = (int) Math.round(Math.sqrt(places));
    if (depth == 0 || side < 1 || (long) side * side != places) {
      throw new IllegalArgumentException(
          "%s: %d blocks and a table of %d positions are no Vision Transformer for square images"
              .formatted(source.origin(), depth, places));
    }
    boolean gated =
        this == TIMM
            ? shape(source, names.block(0) + names.first + "weight", 2)[0]
                == 2 * shape(source, names.block(0) + names.second + "weight", 2)[1]
            : source.contains(names.block(0) + names.gatedFirst + "weight");
    String second = names.block(0) + names.second(gated) + "weight";
    if (heads.isEmpty() && width % HEAD != 0) {
      throw new IllegalArgumentException(
          ("%s: a width of %d is not a multiple of %d, so the number of attention heads is not"
                  + " known; put it in a folder with a config.json of transformers")
              .formatted(source.origin(), width, HEAD));
    }
    return new VitConfig(
        this,
        width,
        depth,
        heads.orElse(width / HEAD),
        (int) shape(source, second, 2)[1],
        (int) patch[2],
        side,
        registers,
        gated ? VitConfig.Activation.SWIGLU : VitConfig.Activation.GELU,
        1e-6,
        0);
  }

  private static long[] shape(WeightSource source, String name, int dimensions) {
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

  /** Shape of every weight of a network of this layout. */
  Map<String, long[]> shapes(VitConfig c) {
    Map<String, long[]> s = new LinkedHashMap<>();
    long width = c.width();
    long places = (long) c.side() * c.side() + (c.classPosition() ? 1 : 0);
    s.put(names.patch + "weight", new long[] {width, 3, c.patch(), c.patch()});
    if (!isClip()) {
      s.put(names.patch + "bias", new long[] {width});
    }
    s.put(names.classToken, isClip() ? new long[] {width} : new long[] {1, 1, width});
    s.put(names.positions, isClip() ? new long[] {places, width} : new long[] {1, places, width});
    if (c.registers() > 0) {
      s.put(names.registers, new long[] {1, c.registers(), width});
    }
    if (c.normFirst()) {
      affine(s, names.normFirst, width);
    }
    boolean gated = c.activation() == VitConfig.Activation.SWIGLU;
    for (int i = 0; i < c.depth(); i++) {
      String p = names.block(i);
      affine(s, p + names.norm1, width);
      for (String part : names.qkv) {
        linear(s, p + part, 3 * width / names.qkv.size(), width);
      }
      linear(s, p + names.out, width, width);
      affine(s, p + names.norm2, width);
      linear(s, p + names.first(gated), (gated ? 2L : 1L) * c.inner(), width);
      linear(s, p + names.second(gated), width, c.inner());
      if (c.layerScale()) {
        s.put(p + names.scale1, new long[] {width});
        s.put(p + names.scale2, new long[] {width});
      }
    }
    affine(s, names.norm, width);
    if (c.projection() > 0) {
      s.put(
          names.projection,
          this == OPEN_CLIP
              ? new long[] {width, c.projection()}
              : new long[] {c.projection(), width});
    }
    return s;
  }

  private static void affine(Map<String, long[]> s, String name, long width) {
    s.put(name + "weight", new long[] {width});
    s.put(name + "bias", new long[] {width});
  }

  private static void linear(Map<String, long[]> s, String name, long out, long in) {
    s.put(name + "weight", new long[] {out, in});
    s.put(name + "bias", new long[] {out});
  }

  /** Regular expression of further names that such files have, of no use here. */
  String spare() {
    return switch (this) {
      case FACEBOOK, TIMM -> "mask_token";
      case TRANSFORMERS -> "embeddings\\.mask_token";
      case CLIP ->
          "text_model\\..*|vision_model\\.embeddings\\.position_ids|text_projection\\.weight"
              + "|logit_scale";
      case OPEN_CLIP ->
          "transformer\\..*|token_embedding\\.weight|positional_embedding|ln_final\\..*"
              + "|text_projection|logit_scale|attn_mask";
    };
  }

  List<String> qkv(int block, String kind) {
    return names.qkv.stream().map(part -> names.block(block) + part + kind).toList();
  }
}
