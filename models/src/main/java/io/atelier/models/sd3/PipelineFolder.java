package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A Stable Diffusion 3 pipeline as diffusers writes it: one folder with a sub-folder for each part.
 *
 * @param root the folder that holds {@code model_index.json}
 */
public record PipelineFolder(Path root) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public PipelineFolder {
    if (!Files.exists(root.resolve("model_index.json"))) {
      throw new IllegalArgumentException(
          "%s is not a diffusers pipeline folder: it has no model_index.json".formatted(root));
    }
    String kind = text(read(root.resolve("model_index.json")), "_class_name", root);
    if (!kind.equals("StableDiffusion3Pipeline")) {
      throw new IllegalArgumentException(
          "%s holds a %s; only StableDiffusion3Pipeline is supported".formatted(root, kind));
    }
  }

  /** Whether a part such as {@code text_encoder_3} is there. */
  public boolean has(String part) {
    return Files.isDirectory(root.resolve(part));
  }

  public Path part(String part) {
    return root.resolve(part);
  }

  public MmditConfig transformerConfig() {
    Path file = root.resolve("transformer/config.json");
    JsonNode c = read(file);
    Set<Integer> dual = new HashSet<>();
    c.path("dual_attention_layers").forEach(layer -> dual.add(layer.asInt()));
    JsonNode norm = c.path("qk_norm");
    if (!norm.isNull() && !norm.isMissingNode() && !norm.asText().equals("rms_norm")) {
      throw new IllegalArgumentException(
          "%s: qk_norm is \"%s\"; null and \"rms_norm\" are supported"
              .formatted(file, norm.asText()));
    }
    return new MmditConfig(
        integer(c, "num_layers", file),
        integer(c, "num_attention_heads", file),
        integer(c, "attention_head_dim", file),
        integer(c, "patch_size", file),
        integer(c, "in_channels", file),
        integer(c, "joint_attention_dim", file),
        integer(c, "pooled_projection_dim", file),
        integer(c, "pos_embed_max_size", file),
        norm.isTextual(),
        dual);
  }

  /** Rows and columns, in pixels, of the images that the model was made for. */
  public int sampleSize() {
    Path file = root.resolve("transformer/config.json");
    return integer(read(file), "sample_size", file) * vaeConfig().factor();
  }

  public VaeConfig vaeConfig() {
    Path file = root.resolve("vae/config.json");
    JsonNode c = read(file);
    List<Integer> channels = new ArrayList<>();
    c.path("block_out_channels").forEach(width -> channels.add(width.asInt()));
    return new VaeConfig(
        channels,
        integer(c, "layers_per_block", file),
        integer(c, "latent_channels", file),
        integer(c, "norm_num_groups", file),
        c.path("mid_block_add_attention").asBoolean(true),
        number(c, "scaling_factor", file),
        number(c, "shift_factor", file));
  }

  /**
   * @param part {@code text_encoder} or {@code text_encoder_2}
   */
  public ClipTextConfig clipConfig(String part) {
    Path file = root.resolve(part).resolve("config.json");
    JsonNode c = read(file);
    String activation = text(c, "hidden_act", file);
    if (!activation.equals("quick_gelu") && !activation.equals("gelu")) {
      throw new IllegalArgumentException(
          "%s: hidden_act is \"%s\"; gelu and quick_gelu are supported"
              .formatted(file, activation));
    }
    return new ClipTextConfig(
        integer(c, "vocab_size", file),
        integer(c, "max_position_embeddings", file),
        integer(c, "hidden_size", file),
        integer(c, "num_hidden_layers", file),
        integer(c, "num_attention_heads", file),
        integer(c, "intermediate_size", file),
        integer(c, "projection_dim", file),
        activation.equals("quick_gelu"),
        c.path("layer_norm_eps").asDouble(1e-5),
        integer(c, "eos_token_id", file));
  }

  /** Sizes of {@code text_encoder_3}; refuses feed-forwards other than the gated GELU of v1.1. */
  public T5Config t5Config() {
    Path file = root.resolve("text_encoder_3/config.json");
    JsonNode c = read(file);
    String forward = text(c, "feed_forward_proj", file);
    double epsilon = number(c, "layer_norm_epsilon", file);
    if (!forward.equals("gated-gelu") || epsilon != T5Encoder.EPSILON) {
      throw new IllegalArgumentException(
          "%s: feed_forward_proj is \"%s\" and layer_norm_epsilon %s; gated-gelu and %s are supported"
              .formatted(file, forward, epsilon, T5Encoder.EPSILON));
    }
    return new T5Config(
        integer(c, "vocab_size", file),
        integer(c, "d_model", file),
        integer(c, "num_layers", file),
        integer(c, "num_heads", file),
        integer(c, "d_kv", file),
        integer(c, "d_ff", file),
        integer(c, "relative_attention_num_buckets", file),
        integer(c, "relative_attention_max_distance", file));
  }

  /** Shift of the noise levels, from {@code scheduler/scheduler_config.json}. */
  public double scheduleShift() {
    Path file = root.resolve("scheduler/scheduler_config.json");
    JsonNode c = read(file);
    if (c.path("use_dynamic_shifting").asBoolean(false)) {
      throw new IllegalArgumentException(
          "%s: use_dynamic_shifting is true; only a fixed shift is supported".formatted(file));
    }
    return number(c, "shift", file);
  }

  /** Noise levels that the network was trained with, from the scheduler's configuration. */
  public int trainTimesteps() {
    Path file = root.resolve("scheduler/scheduler_config.json");
    return integer(read(file), "num_train_timesteps", file);
  }

  public WeightSource transformerWeights() {
    return weights("transformer", "diffusion_pytorch_model");
  }

  public WeightSource vaeWeights() {
    return weights("vae", "diffusion_pytorch_model");
  }

  /**
   * @param part {@code text_encoder}, {@code text_encoder_2} or {@code text_encoder_3}
   */
  public WeightSource textWeights(String part) {
    return weights(part, "model");
  }

  public Mmdit loadTransformer(NDManager scope) {
    return new Mmdit(scope, transformerConfig(), transformerWeights());
  }

  public Vae loadVae(NDManager scope) {
    return new Vae(scope, vaeConfig(), vaeWeights());
  }

  public ClipTextEncoder loadClip(NDManager scope, String part) {
    return new ClipTextEncoder(scope, clipConfig(part), textWeights(part));
  }

  public T5Encoder loadT5(NDManager scope) {
    return new T5Encoder(scope, t5Config(), textWeights("text_encoder_3"));
  }

  /**
   * The tokenizers and text encoders, T5 only if the folder has it.
   *
   * @param scope owns the weights; the caller closes the result as well
   */
  public PromptEncoder loadPromptEncoder(NDManager scope) {
    return new PromptEncoder(
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder"), ClipTokenizer.load(part("tokenizer"))),
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder_2"), ClipTokenizer.load(part("tokenizer_2"))),
        has("text_encoder_3")
            ? Optional.of(
                new PromptEncoder.Part<>(loadT5(scope), T5Tokenizer.load(part("tokenizer_3"))))
            : Optional.empty(),
        transformerConfig().jointDim());
  }

  private WeightSource weights(String part, String base) {
    return new SafetensorsWeights(TensorSource.open(root.resolve(part), base));
  }

  static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  static int integer(JsonNode c, String key, Path file) {
    return field(c, key, file, "whole number", v -> v.isIntegralNumber() && v.canConvertToInt())
        .asInt();
  }

  private static double number(JsonNode c, String key, Path file) {
    return field(c, key, file, "number", JsonNode::isNumber).asDouble();
  }

  private static String text(JsonNode c, String key, Path file) {
    return field(c, key, file, "text", JsonNode::isTextual).asText();
  }

  private static JsonNode field(
      JsonNode c, String key, Path file, String kind, Predicate<JsonNode> fits) {
    JsonNode value = c.path(key);
    if (!fits.test(value)) {
      throw new IllegalArgumentException(
          "%s: %s should be a %s, it is %s".formatted(file, key, kind, value));
    }
    return value;
  }
}
