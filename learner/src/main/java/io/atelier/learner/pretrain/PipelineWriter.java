package io.atelier.learner.pretrain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.ClipTextConfig;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the parts of a pipeline folder in the format of diffusers and transformers, with F16
 * weights: that halves the folder, and readers widen them again.
 */
final class PipelineWriter {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String DIFFUSERS = "0.35.2";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  private PipelineWriter() {}

  static void vae(Path root, VaeConfig config, NamedTensors weights) {
    int stages = config.channels().size();
    Map<String, Object> c = new LinkedHashMap<>();
    c.put("_class_name", "AutoencoderKL");
    c.put("_diffusers_version", DIFFUSERS);
    c.put("act_fn", "silu");
    c.put("block_out_channels", config.channels());
    c.put("down_block_types", Collections.nCopies(stages, "DownEncoderBlock2D"));
    c.put("force_upcast", true);
    c.put("in_channels", 3);
    c.put("latent_channels", config.latentChannels());
    c.put("latents_mean", null);
    c.put("latents_std", null);
    c.put("layers_per_block", config.resnets());
    c.put("mid_block_add_attention", config.midAttention());
    c.put("norm_num_groups", config.groups());
    c.put("out_channels", 3);
    c.put("sample_size", 64);
    c.put("scaling_factor", config.scale());
    c.put("shift_factor", config.shift());
    c.put("up_block_types", Collections.nCopies(stages, "UpDecoderBlock2D"));
    c.put("use_post_quant_conv", config.postQuantConv());
    c.put("use_quant_conv", config.quantConv());
    part(root.resolve("vae"), WEIGHTS, c, weights);
  }

  static void transformer(Path root, MmditConfig config, NamedTensors weights) {
    Map<String, Object> c = new LinkedHashMap<>();
    c.put("_class_name", "SD3Transformer2DModel");
    c.put("_diffusers_version", DIFFUSERS);
    c.put("attention_head_dim", config.headDim());
    c.put("caption_projection_dim", config.width());
    c.put("dual_attention_layers", config.dualLayers().stream().sorted().toList());
    c.put("in_channels", config.channels());
    c.put("joint_attention_dim", config.jointDim());
    c.put("num_attention_heads", config.heads());
    c.put("num_layers", config.layers());
    c.put("out_channels", config.channels());
    c.put("patch_size", config.patchSize());
    c.put("pooled_projection_dim", config.pooledDim());
    c.put("pos_embed_max_size", config.positions());
    c.put("qk_norm", config.qkNorm() ? "rms_norm" : null);
    c.put("sample_size", 8);
    part(root.resolve("transformer"), WEIGHTS, c, weights);
  }

  /**
   * @param part {@code text_encoder} or {@code text_encoder_2}
   */
  static void clip(Path root, String part, ClipTextConfig config, NamedTensors weights) {
    Map<String, Object> c = new LinkedHashMap<>();
    c.put("architectures", List.of("CLIPTextModelWithProjection"));
    c.put("attention_dropout", 0.0);
    c.put("bos_token_id", config.endOfText() - 1);
    c.put("dtype", "float32");
    c.put("eos_token_id", config.endOfText());
    c.put("hidden_act", config.quickGelu() ? "quick_gelu" : "gelu");
    c.put("hidden_size", config.width());
    c.put("initializer_factor", 1.0);
    c.put("initializer_range", 0.02);
    c.put("intermediate_size", config.inner());
    c.put("layer_norm_eps", config.epsilon());
    c.put("max_position_embeddings", config.positions());
    c.put("model_type", "clip_text_model");
    c.put("num_attention_heads", config.heads());
    c.put("num_hidden_layers", config.layers());
    c.put("pad_token_id", config.endOfText());
    c.put("projection_dim", config.projection());
    c.put("transformers_version", "4.57.1");
    c.put("vocab_size", config.vocabulary());
    part(root.resolve(part), "model.safetensors", c, weights);
  }

  /** Writes the index and the scheduler, which complete the pipeline. */
  static void pipeline(Path root, double shift) {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("_class_name", "StableDiffusion3Pipeline");
    index.put("_diffusers_version", DIFFUSERS);
    index.put("feature_extractor", Collections.nCopies(2, null));
    index.put("image_encoder", Collections.nCopies(2, null));
    index.put("scheduler", List.of("diffusers", "FlowMatchEulerDiscreteScheduler"));
    index.put("text_encoder", List.of("transformers", "CLIPTextModelWithProjection"));
    index.put("text_encoder_2", List.of("transformers", "CLIPTextModelWithProjection"));
    index.put("text_encoder_3", Collections.nCopies(2, null));
    index.put("tokenizer", List.of("transformers", "CLIPTokenizerFast"));
    index.put("tokenizer_2", List.of("transformers", "CLIPTokenizerFast"));
    index.put("tokenizer_3", Collections.nCopies(2, null));
    index.put("transformer", List.of("diffusers", "SD3Transformer2DModel"));
    index.put("vae", List.of("diffusers", "AutoencoderKL"));
    Map<String, Object> scheduler = new LinkedHashMap<>();
    scheduler.put("_class_name", "FlowMatchEulerDiscreteScheduler");
    scheduler.put("_diffusers_version", DIFFUSERS);
    scheduler.put("num_train_timesteps", 1000);
    scheduler.put("shift", shift);
    scheduler.put("use_dynamic_shifting", false);
    json(root.resolve("scheduler/scheduler_config.json"), scheduler);
    json(root.resolve("model_index.json"), index);
  }

  /** Writes the weights first: a part without its configuration is incomplete. */
  private static void part(
      Path folder, String file, Map<String, Object> config, NamedTensors weights) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
    SafetensorsWriter writer = new SafetensorsWriter().metadata(Map.of("format", "pt"));
    weights.asMap().forEach((name, t) -> writer.addHalf(name, t.shape(), t.values()));
    writer.write(folder.resolve(file));
    json(folder.resolve("config.json"), config);
  }

  private static void json(Path file, Map<String, Object> content) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, JSON.writeValueAsString(content) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
