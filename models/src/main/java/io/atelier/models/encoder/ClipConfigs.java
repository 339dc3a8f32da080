package io.atelier.models.encoder;

import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.sd3.ClipTextConfig;
import io.atelier.models.tensor.WeightSource;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads the configurations of CLIP and SigLIP. Those of transformers have dozens of keys without
 * effect; the others are read, and shapes give the rest.
 */
final class ClipConfigs {

  /** Default head width of open_clip. */
  private static final int HEAD = 64;

  private static final int CLIP_IMAGE = 224;
  private static final double CLIP_EPSILON = 1e-5;

  /** Sizes of B/16, the defaults that transformers omits from the configuration of a SigLIP. */
  private static final Map<String, Integer> SIGLIP =
      Map.of(
          "hidden_size", 768,
          "intermediate_size", 3072,
          "num_hidden_layers", 12,
          "num_attention_heads", 12,
          "image_size", 224,
          "patch_size", 16);

  private static final double SIGLIP_EPSILON = 1e-6;

  private ClipConfigs() {}

  /** The image side of a CLIP, a section of its own in a full CLIP. */
  static VitConfig vision(JsonFile json, WeightSource weights) {
    json.only("model_type", "clip", "clip_vision_model");
    JsonFile vision = json.has("vision_config") ? json.section("vision_config") : json;
    boolean projected = weights.contains(VitLayout.CLIP.names().projection);
    vision.only("num_channels", 3);
    int patch = vision.count("patch_size");
    int width = vision.count("hidden_size");
    return new VitConfig(
        VitLayout.CLIP,
        width,
        vision.count("num_hidden_layers"),
        VitConfigs.heads(vision, "num_attention_heads", width),
        vision.count("intermediate_size"),
        patch,
        VitConfigs.side(
            vision, vision.has("image_size") ? vision.count("image_size") : CLIP_IMAGE, patch),
        0,
        VitConfig.Biases.ALL,
        isQuick(vision) ? VitConfig.Activation.QUICK_GELU : VitConfig.Activation.GELU,
        epsilon(vision),
        projected ? json.count("projection_dim") : 0);
  }

  /** The image side of a SigLIP, a section of its own in a full SigLIP. */
  static VitConfig siglip(JsonFile json) {
    json.only("model_type", "siglip", "siglip_vision_model");
    JsonFile vision = json.has("vision_config") ? json.section("vision_config") : json;
    vision.only("num_channels", 3);
    vision.only("hidden_act", "gelu_pytorch_tanh");
    vision.only("vision_use_head", true);
    int width = siglip(vision, "hidden_size");
    String heads = "num_attention_heads";
    int patch = siglip(vision, "patch_size");
    return new VitConfig(
        VitLayout.SIGLIP,
        width,
        siglip(vision, "num_hidden_layers"),
        VitConfigs.heads(vision, heads, siglip(vision, heads), width),
        siglip(vision, "intermediate_size"),
        patch,
        siglip(vision, "image_size") / patch, // the remainder is cut off, as with 384 and 14
        0,
        VitConfig.Biases.ALL,
        VitConfig.Activation.GELU_TANH,
        vision.has("layer_norm_eps") ? vision.number("layer_norm_eps") : SIGLIP_EPSILON,
        0);
  }

  private static int siglip(JsonFile vision, String key) {
    return vision.has(key) ? vision.count(key) : SIGLIP.get(key);
  }

  /**
   * The text side of a CLIP of transformers.
   *
   * @param weights give the sizes of the tables, which newer files omit if they are the defaults
   */
  static ClipTextConfig text(Path file, WeightSource weights) {
    JsonFile json = JsonFile.read(file);
    json.only("model_type", "clip");
    JsonFile text = json.section("text_config");
    int width = text.count("hidden_size");
    return new ClipTextConfig(
        rows(weights, "text_model.embeddings.token_embedding.weight"),
        rows(weights, "text_model.embeddings.position_embedding.weight"),
        width,
        text.count("num_hidden_layers"),
        VitConfigs.heads(text, "num_attention_heads", width),
        text.count("intermediate_size"),
        json.count("projection_dim"),
        isQuick(text),
        epsilon(text),
        text.has("eos_token_id") ? text.id("eos_token_id") : ClipTextConfig.HIGHEST_ID);
  }

  private static int rows(WeightSource weights, String table) {
    if (!weights.contains(table)) {
      throw new FileException(
          "%s: tensor \"%s\" is missing: it is not a full CLIP".formatted(weights.origin(), table));
    }
    return (int) weights.shape(table)[0];
  }

  private static boolean isQuick(JsonFile json) {
    json.only("hidden_act", "quick_gelu", "gelu");
    return !json.has("hidden_act") || json.text("hidden_act").equals("quick_gelu");
  }

  private static double epsilon(JsonFile json) {
    return json.has("layer_norm_eps") ? json.number("layer_norm_eps") : CLIP_EPSILON;
  }

  static VitConfig openVision(JsonFile json) {
    JsonFile model = openClipModel(json);
    JsonFile vision = model.section("vision_cfg");
    int width = vision.count("width");
    int head = vision.has("head_width") ? vision.count("head_width") : HEAD;
    if (width % head != 0) {
      throw vision.wrong("width", "must be a multiple of head_width, which is " + head);
    }
    int patch = vision.count("patch_size");
    VitConfig config =
        new VitConfig(
            VitLayout.OPEN_CLIP,
            width,
            vision.count("layers"),
            width / head,
            inner(vision, width),
            patch,
            VitConfigs.side(vision, vision.count("image_size"), patch),
            0,
            VitConfig.Biases.ALL,
            model.flag("quick_gelu", false)
                ? VitConfig.Activation.QUICK_GELU
                : VitConfig.Activation.GELU,
            CLIP_EPSILON,
            model.count("embed_dim"));
    vision.requireKnown();
    return config;
  }

  /** The text side of a CLIP of open_clip. */
  static ClipTextConfig openText(Path file) {
    JsonFile model = openClipModel(JsonFile.read(file));
    JsonFile text = model.section("text_cfg");
    int width = text.count("width");
    ClipTextConfig config =
        new ClipTextConfig(
            text.count("vocab_size"),
            text.count("context_length"),
            width,
            text.count("layers"),
            VitConfigs.heads(text, "heads", width),
            inner(text, width),
            model.count("embed_dim"),
            model.flag("quick_gelu", false),
            CLIP_EPSILON,
            ClipTextConfig.HIGHEST_ID);
    text.requireKnown();
    return config;
  }

  private static JsonFile openClipModel(JsonFile json) {
    JsonFile model = json.section("model_cfg");
    model.get("embed_dim");
    model.flag("quick_gelu", false);
    model.harmless("vision_cfg", "text_cfg");
    model.requireKnown();
    if (json.has("preprocess_cfg")) {
      JsonFile colours = json.section("preprocess_cfg");
      VitConfigs.requireColours(colours, VitLayout.OPEN_CLIP, "mean", "std");
    }
    return model;
  }

  private static int inner(JsonFile json, int width) {
    return (int) (width * (json.has("mlp_ratio") ? json.number("mlp_ratio") : 4));
  }
}
