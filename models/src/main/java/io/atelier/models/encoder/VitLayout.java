package io.atelier.models.encoder;

import io.atelier.models.tensor.WeightSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The names and shapes under which a file holds the weights of a Vision Transformer. */
public enum VitLayout {
  /** The files that Meta publishes, and models of its own code. */
  FACEBOOK(
      VitFamily.DINOV2,
      meta("register_tokens").inner("mlp.fc1.", "mlp.fc2.", "mlp.w12.", "mlp.w3.")),
  /** DINOv2 in timm; with registers, only patches have positions. */
  TIMM(VitFamily.DINOV2, meta("reg_token").inner("mlp.fc1.", "mlp.fc2.", "mlp.fc1.", "mlp.fc2.")),
  /** DINOv2 in transformers. */
  TRANSFORMERS(
      VitFamily.DINOV2,
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
  /** DINOv3 in timm. */
  TIMM_DINOV3(
      VitFamily.DINOV3,
      names("patch_embed.proj.", "cls_token", "", "reg_token")
          .blocks("blocks.", "norm1.", "attn.proj.", "norm2.", "attn.qkv.")
          .biases("attn.q_bias", "attn.v_bias")
          .inner("mlp.fc1.", "mlp.fc2.", "", "")
          .ends("", "norm.", "")
          .scales("gamma_1", "gamma_2")),
  /** DINOv3 in transformers. */
  TRANSFORMERS_DINOV3(
      VitFamily.DINOV3,
      names(
              "embeddings.patch_embeddings.",
              "embeddings.cls_token",
              "",
              "embeddings.register_tokens")
          .blocks(
              "layer.",
              "norm1.",
              "attention.o_proj.",
              "norm2.",
              "attention.q_proj.",
              "attention.k_proj.",
              "attention.v_proj.")
          .biases("attention.q_proj.bias", "attention.v_proj.bias")
          .inner("mlp.up_proj.", "mlp.down_proj.", "", "")
          .ends("", "norm.", "")
          .scales("layer_scale1.lambda1", "layer_scale2.lambda1")),
  /** SigLIP in transformers. */
  SIGLIP(
      VitFamily.SIGLIP,
      vision("").ends("", "vision_model.post_layernorm.", "").pool("vision_model.head.")),
  /** CLIP in transformers. */
  CLIP(
      VitFamily.CLIP,
      vision("vision_model.embeddings.class_embedding")
          .ends(
              "vision_model.pre_layrnorm.", // spelled so there
              "vision_model.post_layernorm.",
              "visual_projection.weight")),
  /** CLIP in open_clip; the projection is transposed. */
  OPEN_CLIP(
      VitFamily.CLIP,
      names("visual.conv1.", "visual.class_embedding", "visual.positional_embedding", "")
          .blocks(
              "visual.transformer.resblocks.", "ln_1.", "attn.out_proj.", "ln_2.", "attn.in_proj_")
          .inner("mlp.c_fc.", "mlp.c_proj.", "", "")
          .ends("visual.ln_pre.", "visual.ln_post.", "visual.proj"));

  private final VitFamily family;
  private final VitNames names;

  VitLayout(VitFamily family, VitNames names) {
    this.family = family;
    this.names = names;
  }

  private static VitNames names(
      String patch, String classToken, String positions, String registers) {
    return new VitNames(patch, classToken, positions, registers);
  }

  /** Names of Meta's own code, most of which timm uses too. */
  private static VitNames meta(String registers) {
    return names("patch_embed.proj.", "cls_token", "pos_embed", registers)
        .blocks("blocks.", "norm1.", "attn.proj.", "norm2.", "attn.qkv.")
        .ends("", "norm.", "")
        .scales("ls1.gamma", "ls2.gamma");
  }

  /** The image side of a network of transformers that also has a text side. */
  private static VitNames vision(String classToken) {
    return names(
            "vision_model.embeddings.patch_embedding.",
            classToken,
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
        .inner("mlp.fc1.", "mlp.fc2.", "", "");
  }

  VitNames names() {
    return names;
  }

  VitFamily family() {
    return family;
  }

  /** Whether the network is the image side of a CLIP. */
  public boolean isClip() {
    return family == VitFamily.CLIP;
  }

  /** The layout of a file, by its names; empty if it is none of these. */
  public static Optional<VitLayout> of(WeightSource source) {
    return Arrays.stream(values())
        .filter(layout -> source.contains(layout.names.patch + "weight"))
        .filter(layout -> source.contains(layout.mark()))
        .filter(layout -> layout != FACEBOOK || !source.contains(TIMM.names.registers))
        .filter(layout -> layout != TIMM || !source.contains(FACEBOOK.names.registers))
        .filter(layout -> layout != TIMM || !source.contains(TIMM_DINOV3.mark()))
        .findFirst();
  }

  /** A weight that files of this layout have, but others with the same patch weight do not. */
  private String mark() {
    return switch (this) {
      case SIGLIP -> names.pool + VitNames.PROBE;
      case TIMM_DINOV3 -> names.block(0) + names.scale1;
      default -> names.classToken;
    };
  }

  /** How the reference implementation of this layout resizes positions. */
  PositionTable positions(int registers) {
    return switch (this) {
      case FACEBOOK -> registers == 0 ? PositionTable.OFFSET : PositionTable.ANTIALIASED;
      case TRANSFORMERS -> registers == 0 ? PositionTable.PLAIN : PositionTable.ANTIALIASED;
      case CLIP, SIGLIP -> PositionTable.PLAIN;
      case TIMM, OPEN_CLIP -> PositionTable.ANTIALIASED;
      case TIMM_DINOV3, TRANSFORMERS_DINOV3 ->
          throw new IllegalStateException(this + " has no table of positions");
    };
  }

  /** Whether the class token has a position of its own. */
  boolean classPosition(int registers) {
    return family.hasTable() && family.hasClassToken() && (this != TIMM || registers == 0);
  }

  /**
   * Infers the sizes of a DINOv2 or DINOv3 from the shapes of its weights.
   *
   * @param heads attention heads, which no shape determines; empty for heads of width 64, as in
   *     every published DINOv2, and every DINOv3 without a gate
   * @throws IllegalArgumentException naming the weight that has an impossible shape
   */
  public VitConfig infer(WeightSource source, Optional<Integer> heads) {
    return new VitInference(this, source).config(heads);
  }

  /** Regular expression of additional names in such files, which are ignored. */
  String spare() {
    return switch (this) {
      case FACEBOOK, TIMM -> "mask_token";
      case TIMM_DINOV3 -> "";
      case TRANSFORMERS, TRANSFORMERS_DINOV3 -> "embeddings\\.mask_token";
      case SIGLIP -> "text_model\\..*|vision_model\\.embeddings\\.position_ids|logit_(scale|bias)";
      case CLIP ->
          "text_model\\..*|vision_model\\.embeddings\\.position_ids|text_projection\\.weight"
              + "|logit_scale";
      case OPEN_CLIP ->
          "transformer\\..*|token_embedding\\.weight|positional_embedding|ln_final\\..*"
              + "|text_projection|logit_scale|attn_mask";
    };
  }

  /** Names of the maps to queries, keys and values, or of the fused one. */
  List<String> qkv(int block) {
    return names.qkv.stream().map(part -> names.block(block) + part + "weight").toList();
  }

  /** Names of their biases, if any. */
  List<String> qkvBiases(int block, VitConfig.Biases biases) {
    String p = names.block(block);
    return switch (biases) {
      case ALL -> names.qkv.stream().map(part -> p + part + "bias").toList();
      case QUERIES_AND_VALUES -> List.of(p + names.queryBias, p + names.valueBias);
      case NONE -> List.of();
    };
  }
}
