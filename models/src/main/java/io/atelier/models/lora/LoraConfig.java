package io.atelier.models.lora;

import io.atelier.models.files.JsonFile;
import io.atelier.models.state.NamedTensors;

/**
 * What PEFT's configuration of a LoRA says of its result. Which layers it was put into is not read
 * from there: the tensors say it. Refused is all that computes something else from the tensors or
 * needs another base than the original one.
 *
 * @param rank inner extent of every pair
 * @param alpha numerator of the scale
 */
record LoraConfig(int rank, double alpha) {

  /** Of training, and where the adapter comes from. */
  private static final String[] WITHOUT_EFFECT = {
    "auto_mapping",
    "base_model_name_or_path",
    "inference_mode",
    "peft_version",
    "revision",
    "task_type",
    "lora_dropout",
    "megatron_core"
  };

  /** Where the adapter was put: its tensors have the names of these places. */
  private static final String[] PLACES = {
    "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"
  };

  /** Another computation than {@code alpha / rank · B A}, or more than these factors is trained. */
  private static final String[] OTHER_RESULT = {
    "rank_pattern",
    "alpha_pattern",
    "use_rslora",
    "use_dora",
    "use_qalora",
    "use_bdlora",
    "fan_in_fan_out",
    "lora_bias",
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "target_parameters",
    "alora_invocation_tokens",
    "arrow_config",
    "corda_config",
    "eva_config",
    "lora_ga_config",
    "loftq_config",
    "megatron_config"
  };

  /**
   * @param prefix stands in front of every key that is meant for the transformer
   */
  static LoraConfig read(JsonFile config, String prefix) {
    for (String key : WITHOUT_EFFECT) {
      config.harmless(prefix + key);
    }
    for (String key : PLACES) {
      config.harmless(prefix + key);
    }
    for (String key : OTHER_RESULT) {
      config.off(prefix + key);
    }
    config.harmless(prefix + "qalora_group_size", prefix + "ensure_weight_tying");
    config.only(prefix + "peft_type", "LORA");
    config.only(prefix + "bias", "none");
    // Other ways to begin (pissa, olora, corda, eva, loftq, ...) may take a part out of the base.
    config.only(prefix + "init_lora_weights", true, false, "gaussian", "orthogonal");
    LoraConfig read =
        new LoraConfig(config.count(prefix + "r"), config.number(prefix + "lora_alpha"));
    config.requireKnown();
    return read;
  }

  LoraWeights weights(NamedTensors tensors) {
    return LoraWeights.of(rank, alpha, tensors);
  }
}
