package io.atelier.models.sd3;

import io.atelier.models.files.JsonFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;

/**
 * Reads the configuration of each part of a pipeline folder. A key is applied, or accepted only
 * with the value implemented here, or has no effect on inference; any other is rejected.
 */
final class PipelineConfigs {

  /** Keys that diffusers and transformers write into every file: its origin. */
  private static final String[] ORIGIN = {
    "_class_name",
    "_diffusers_version",
    "_name_or_path",
    "_commit_hash",
    "architectures",
    "torch_dtype",
    "dtype",
    "transformers_version"
  };

  /** Keys for training or text generation only; older versions of transformers write them all. */
  private static final String[] OF_OTHER_USES = {
    "attention_dropout",
    "dropout",
    "dropout_rate",
    "classifier_dropout",
    "initializer_factor",
    "initializer_range",
    "gradient_checkpointing",
    "use_cache",
    "output_past",
    "output_attentions",
    "output_hidden_states",
    "return_dict",
    "torchscript",
    "task_specific_params",
    "problem_type",
    "id2label",
    "label2id",
    "tokenizer_class",
    "prefix",
    "n_positions",
    "num_decoder_layers",
    "is_encoder_decoder",
    "tie_word_embeddings",
    "tie_encoder_decoder",
    "scale_decoder_outputs",
    "chunk_size_feed_forward",
    "bos_token_id",
    "pad_token_id",
    "sep_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "max_length",
    "min_length",
    "do_sample",
    "early_stopping",
    "num_beams",
    "num_beam_groups",
    "diversity_penalty",
    "temperature",
    "top_k",
    "top_p",
    "typical_p",
    "repetition_penalty",
    "length_penalty",
    "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size",
    "num_return_sequences",
    "output_scores",
    "return_dict_in_generate",
    "remove_invalid_values"
  };

  private PipelineConfigs() {}

  static MmditConfig transformer(Path file) {
    JsonFile c = JsonFile.read(file);
    c.only("_class_name", "SD3Transformer2DModel");
    c.harmless(ORIGIN);
    c.harmless("sample_size"); // read by sampleSize
    c.only("qk_norm", "rms_norm");
    MmditConfig config =
        new MmditConfig(
            c.count("num_layers"),
            c.count("num_attention_heads"),
            c.count("attention_head_dim"),
            c.count("patch_size"),
            c.count("in_channels"),
            c.count("joint_attention_dim"),
            c.count("pooled_projection_dim"),
            c.count("pos_embed_max_size"),
            c.has("qk_norm"),
            new HashSet<>(c.ids("dual_attention_layers")));
    c.only("caption_projection_dim", config.width());
    c.only("out_channels", config.channels());
    c.requireKnown();
    return config;
  }

  /** Rows and columns, in latent positions, that the network was trained for. */
  static int sampleSize(Path file) {
    JsonFile c = JsonFile.read(file);
    long most = (long) c.count("pos_embed_max_size") * c.count("patch_size");
    if (c.count("sample_size") > most) {
      throw c.wrong("sample_size", "should be at most pos_embed_max_size x patch_size, " + most);
    }
    return c.count("sample_size");
  }

  static VaeConfig vae(Path file) {
    JsonFile c = JsonFile.read(file);
    c.only("_class_name", "AutoencoderKL");
    c.harmless(ORIGIN);
    // For half precision and for images too large to decode at once; neither applies here.
    c.harmless("sample_size", "force_upcast");
    c.only("in_channels", 3);
    c.only("out_channels", 3);
    c.only("act_fn", "silu");
    // The Stable Diffusion 3 pipeline has one scale and shift for all channels.
    c.off("latents_mean", "latents_std");
    List<Integer> channels = c.counts("block_out_channels");
    blocks(c, "down_block_types", "DownEncoderBlock2D", channels.size());
    blocks(c, "up_block_types", "UpDecoderBlock2D", channels.size());
    VaeConfig config =
        new VaeConfig(
            channels,
            c.count("layers_per_block"),
            c.count("latent_channels"),
            c.count("norm_num_groups"),
            c.flag("mid_block_add_attention", true),
            c.flag("use_quant_conv", true),
            c.flag("use_post_quant_conv", true),
            c.number("scaling_factor"),
            c.number("shift_factor"));
    if (config.scale() == 0) {
      throw c.wrong("scaling_factor", "should not be 0");
    }
    c.requireKnown();
    return config;
  }

  private static void blocks(JsonFile c, String key, String kind, int stages) {
    c.only(key, Collections.nCopies(stages, kind));
  }

  static ClipTextConfig clip(Path file) {
    JsonFile c = JsonFile.read(file);
    c.only("model_type", "clip_text_model");
    c.only("hidden_act", "quick_gelu", "gelu");
    encoder(c);
    ClipTextConfig config =
        new ClipTextConfig(
            c.count("vocab_size"),
            c.count("max_position_embeddings"),
            c.count("hidden_size"),
            c.count("num_hidden_layers"),
            c.count("num_attention_heads"),
            c.count("intermediate_size"),
            c.count("projection_dim"),
            c.text("hidden_act").equals("quick_gelu"),
            c.has("layer_norm_eps") ? c.number("layer_norm_eps") : 1e-5,
            c.id("eos_token_id"));
    if (config.width() % config.heads() != 0) {
      throw c.wrong(
          "num_attention_heads", "does not divide \"hidden_size\": %d".formatted(config.width()));
    }
    c.requireKnown();
    return config;
  }

  static T5Config t5(Path file) {
    JsonFile c = JsonFile.read(file);
    c.only("model_type", "t5");
    c.only("feed_forward_proj", "gated-gelu");
    c.text("feed_forward_proj");
    c.only("dense_act_fn", "gelu_new");
    c.only("is_gated_act", true);
    c.only("layer_norm_epsilon", T5Encoder.EPSILON);
    c.number("layer_norm_epsilon");
    c.harmless("eos_token_id"); // the tokenizer's is used
    encoder(c);
    T5Config config =
        new T5Config(
            c.count("vocab_size"),
            c.count("d_model"),
            c.count("num_layers"),
            c.count("num_heads"),
            c.count("d_kv"),
            c.count("d_ff"),
            c.count("relative_attention_num_buckets"),
            c.count("relative_attention_max_distance"));
    c.requireKnown();
    return config;
  }

  private static void encoder(JsonFile c) {
    c.harmless(ORIGIN);
    c.harmless(OF_OTHER_USES);
    c.off("is_decoder", "add_cross_attention", "pruned_heads", "quantization_config");
  }

  /**
   * The schedule of noise levels.
   *
   * @param shift ratio that favours noisy levels, above 0
   * @param trainTimesteps levels that the network was trained with
   */
  record Schedule(double shift, int trainTimesteps) {}

  static Schedule scheduler(Path file) {
    JsonFile c = JsonFile.read(file);
    c.only("_class_name", "FlowMatchEulerDiscreteScheduler");
    c.harmless(ORIGIN);
    c.off("use_dynamic_shifting", "use_karras_sigmas", "use_exponential_sigmas");
    c.off("use_beta_sigmas", "invert_sigmas", "stochastic_sampling", "shift_terminal");
    // For dynamic shifting only.
    c.harmless("base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len");
    c.harmless("time_shift_type");
    Schedule schedule = new Schedule(c.number("shift"), c.count("num_train_timesteps"));
    if (!(schedule.shift() > 0)) {
      throw c.wrong("shift", "should be above 0");
    }
    c.requireKnown();
    return schedule;
  }
}
