package io.atelier.models.lora;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.JsonFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The part of PEFT's configuration of a LoRA that affects its result. The adapted layers are taken
 * from the tensors instead. Rejected are settings that compute something else from the tensors or
 * need another base model than the original one.
 *
 * @param rank inner extent of every pair that {@code ranks} does not name
 * @param alpha numerator of the scale of every pair that {@code alphas} does not name
 * @param ranks rank by pattern of the map's name, in the order of the file
 * @param alphas alpha by pattern, in the same way
 */
record LoraConfig(int rank, double alpha, List<Rule> ranks, List<Rule> alphas) {

  /**
   * A value for the maps whose names, or ends of names after a dot, match {@code pattern}.
   *
   * @param key key of the configuration
   */
  record Rule(String key, String pattern, double value) {
    boolean fits(String map) {
      try {
        return map.matches("(.*\\.)?(" + pattern + ")");
      } catch (PatternSyntaxException e) {
        throw new LoraException(
            "\"%s\" has \"%s\", which is not a valid pattern: %s"
                .formatted(key, pattern, e.getDescription()),
            e);
      }
    }
  }

  /** Keys of training and of the adapter's origin. */
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

  /** Keys of the adapted layers, which the names of the tensors give as well. */
  private static final String[] PLACES = {
    "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"
  };

  /** Keys of another computation than {@code alpha / rank · B A}, or of other trained weights. */
  private static final String[] OTHER_RESULT = {
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
   * @param prefix prefix of every key for the transformer
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
    // Other initialisations (pissa, olora, corda, eva, loftq, ...) may change the base weights.
    config.only(prefix + "init_lora_weights", true, false, "gaussian", "orthogonal");
    LoraConfig read =
        new LoraConfig(
            config.count(prefix + "r"),
            config.number(prefix + "lora_alpha"),
            rules(config, prefix + "rank_pattern"),
            rules(config, prefix + "alpha_pattern"));
    config.requireKnown();
    return read;
  }

  private static List<Rule> rules(JsonFile config, String key) {
    List<Rule> rules = new ArrayList<>();
    if (config.has(key)) {
      for (Map.Entry<String, JsonNode> rule : config.get(key).properties()) {
        if (!rule.getValue().isNumber() || !(rule.getValue().asDouble() > 0)) {
          throw config.wrong(key, "should be an object of positive numbers");
        }
        rules.add(new Rule(key, rule.getKey(), rule.getValue().asDouble()));
      }
    }
    return rules;
  }

  int rankOf(String map) {
    return (int) value(ranks, map, rank);
  }

  double alphaOf(String map) {
    return value(alphas, map, alpha);
  }

  /** The first matching pattern applies, as in PEFT. */
  private static double value(List<Rule> rules, String map, double otherwise) {
    return rules.stream()
        .filter(rule -> rule.fits(map))
        .findFirst()
        .map(Rule::value)
        .orElse(otherwise);
  }

  /** Fails if a pattern matches none of the file's maps: it would be ignored silently. */
  void requireUsed(Collection<String> maps) {
    for (Rule rule : Stream.concat(ranks.stream(), alphas.stream()).toList()) {
      if (maps.stream().noneMatch(rule::fits)) {
        throw new LoraException(
            "\"%s\" has \"%s\", which fits no layer of the file"
                .formatted(rule.key(), rule.pattern()));
      }
    }
  }
}
