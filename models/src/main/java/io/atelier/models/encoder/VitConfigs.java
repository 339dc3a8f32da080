package io.atelier.models.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.JsonFile;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Preprocess;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the configurations of Vision Transformers. A key is applied, or accepted only with the
 * value implemented here, or has no effect on inference; any other is rejected.
 */
final class VitConfigs {

  /** Keys of a file's origin, and those for training or other outputs only. */
  private static final String[] WITHOUT_EFFECT = {
    "_attn_implementation_autoset",
    "_commit_hash",
    "_name_or_path",
    "apply_layernorm",
    "architectures",
    "attention_dropout",
    "attention_probs_dropout_prob",
    "drop_path_rate",
    "dropout",
    "dtype",
    "hidden_dropout_prob",
    "id2label",
    "initializer_factor",
    "initializer_range",
    "label2id",
    "layerscale_value",
    "out_features",
    "out_indices",
    "reshape_hidden_states",
    "stage_names",
    "torch_dtype",
    "transformers_version",
    "use_mask_token"
  };

  /** Architectures of timm whose feed-forward has no gate. */
  private static final Pattern DINOV3 =
      Pattern.compile("vit_(small|base|large)_patch16_dinov3(_qkvb)?");

  private VitConfigs() {}

  static VitConfig read(Path file, VitLayout layout, WeightSource weights) {
    JsonFile json = JsonFile.read(file);
    return switch (layout) {
      case FACEBOOK, TIMM, TIMM_DINOV3 -> timm(json, layout, weights);
      case TRANSFORMERS -> dino(json);
      case TRANSFORMERS_DINOV3 -> dinov3(json);
      case SIGLIP -> ClipConfigs.siglip(json);
      case CLIP -> ClipConfigs.vision(json, weights);
      case OPEN_CLIP -> ClipConfigs.openVision(json);
    };
  }

  /** timm names only the model, and all of its models are those of the authors. */
  private static VitConfig timm(JsonFile json, VitLayout layout, WeightSource weights) {
    String architecture = json.text("architecture");
    if (layout == VitLayout.TIMM_DINOV3 && !DINOV3.matcher(architecture).matches()) {
      throw json.wrong("architecture", "is not supported, of DINOv3 only S, B and L");
    }
    if (layout != VitLayout.TIMM_DINOV3 && !architecture.contains("dinov2")) {
      throw json.wrong("architecture", "is not supported, only DINOv2 and DINOv3");
    }
    if (json.has("pretrained_cfg")) {
      requireColours(json.section("pretrained_cfg"), layout, "mean", "std");
    }
    return layout.infer(weights, Optional.empty());
  }

  private static VitConfig dinov3(JsonFile json) {
    json.only("model_type", "dinov3_vit");
    json.only("hidden_act", "gelu");
    json.only("num_channels", 3);
    json.only("use_gated_mlp", false);
    json.only("mlp_bias", true);
    json.only("proj_bias", true);
    json.only("rope_theta", Rotation.BASE);
    json.harmless(WITHOUT_EFFECT);
    json.harmless("pos_embed_jitter", "pos_embed_rescale", "pos_embed_shift"); // for training only
    int width = json.count("hidden_size");
    int patch = json.count("patch_size");
    VitConfig config =
        new VitConfig(
            VitLayout.TRANSFORMERS_DINOV3,
            width,
            json.count("num_hidden_layers"),
            heads(json, "num_attention_heads", width),
            json.count("intermediate_size"),
            patch,
            side(json, json.count("image_size"), patch),
            json.has("num_register_tokens") ? json.id("num_register_tokens") : 0,
            biases(json),
            VitConfig.Activation.GELU,
            json.number("layer_norm_eps"),
            0);
    json.requireKnown();
    return config;
  }

  private static VitConfig.Biases biases(JsonFile json) {
    boolean queries = json.flag("query_bias", true);
    json.only("value_bias", queries);
    if (json.flag("key_bias", false)) {
      json.only("query_bias", true);
      return VitConfig.Biases.ALL;
    }
    return queries ? VitConfig.Biases.QUERIES_AND_VALUES : VitConfig.Biases.NONE;
  }

  private static VitConfig dino(JsonFile json) {
    json.only("model_type", "dinov2", "dinov2_with_registers");
    json.only("hidden_act", "gelu");
    json.only("num_channels", 3);
    json.only("qkv_bias", true);
    json.harmless(WITHOUT_EFFECT);
    boolean gated = json.flag("use_swiglu_ffn", false);
    int width = json.count("hidden_size");
    int patch = json.count("patch_size");
    int image = json.count("image_size");
    int registers = json.has("num_register_tokens") ? json.id("num_register_tokens") : 0;
    int inner = (int) (width * json.number("mlp_ratio"));
    VitConfig config =
        new VitConfig(
            VitLayout.TRANSFORMERS,
            width,
            json.count("num_hidden_layers"),
            heads(json, "num_attention_heads", width),
            gated ? (inner * 2 / 3 + 7) / 8 * 8 : inner,
            patch,
            side(json, image, patch),
            registers,
            VitConfig.Biases.ALL,
            gated ? VitConfig.Activation.SWIGLU : VitConfig.Activation.GELU,
            json.number("layer_norm_eps"),
            0);
    json.requireKnown();
    return config;
  }

  static int side(JsonFile json, int image, int patch) {
    if (image % patch != 0) {
      throw json.wrong("image_size", "must be a multiple of patch_size, which is " + patch);
    }
    return image / patch;
  }

  static int heads(JsonFile json, String key, int width) {
    return heads(json, key, json.count(key), width);
  }

  /** The same, with {@code heads} the value or default of the key. */
  static int heads(JsonFile json, String key, int heads, int width) {
    if (width % heads != 0) {
      throw json.wrong(key, "must divide the width, which is " + width);
    }
    return heads;
  }

  /**
   * Rejects a {@code preprocessor_config.json} with another colour normalisation than the one
   * implemented here.
   */
  static void requireColours(Path file, VitLayout layout) {
    JsonFile json = JsonFile.read(file);
    json.only("do_rescale", true);
    json.only("do_normalize", true);
    if (json.has("rescale_factor") && Math.abs(255 * json.number("rescale_factor") - 1) > 1e-4) {
      throw json.wrong("rescale_factor", "is not supported, only 1 / 255");
    }
    requireColours(json, layout, "image_mean", "image_std");
  }

  static void requireColours(JsonFile json, VitLayout layout, String mean, String std) {
    Preprocess own = layout.family().preprocess(1);
    requireColours(json, mean, own.mean());
    requireColours(json, std, own.std());
  }

  private static void requireColours(JsonFile json, String key, float[] own) {
    JsonNode values = json.get(key);
    for (int i = 0; i < own.length; i++) {
      if (!values.isMissingNode() && Math.abs(values.path(i).asDouble() - own[i]) > 1e-4) {
        throw json.wrong(
            key, "is not supported, only %s, %s, %s".formatted(own[0], own[1], own[2]));
      }
    }
  }
}
