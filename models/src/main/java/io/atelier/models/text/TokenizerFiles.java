package io.atelier.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Reads the JSON files of a tokenizer folder. */
final class TokenizerFiles {

  static final String CONFIG = "tokenizer_config.json";
  static final String TOKENIZER = "tokenizer.json";
  static final String SPECIAL = "special_tokens_map.json";

  /** Keys of decoding, slow tokenizers, chats and the files' origin. */
  private static final String[] WITHOUT_EFFECT = {
    "add_prefix_space",
    "additional_special_tokens",
    "backend",
    "chat_template",
    "clean_up_tokenization_spaces",
    "cls_token",
    "errors",
    "extra_ids",
    "extra_special_tokens",
    "full_tokenizer_file",
    "is_local",
    "legacy",
    "local_files_only",
    "mask_token",
    "max_length",
    "model_input_names",
    "model_specific_special_tokens",
    "name_or_path",
    "pad_to_multiple_of",
    "pad_token_type_id",
    "processor_class",
    "sep_token",
    "special_tokens_map_file",
    "stride",
    "tokenizer_file",
    "truncation_strategy",
    "use_fast"
  };

  /**
   * A token that is split off a text before any other processing.
   *
   * @param normalized whether it is matched in the normalised text instead of the raw one
   * @param flags those of lstrip, rstrip and single_word that are set
   */
  record AddedToken(
      int id, String content, boolean normalized, boolean special, List<String> flags) {}

  private TokenizerFiles() {}

  static JsonFile read(Path file) {
    return guarded(() -> JsonFile.read(file));
  }

  /** Runs code that reads a tokenizer file, with failures as {@link TokenizerException}. */
  static <T> T guarded(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (FileException e) {
      throw new TokenizerException(e.getMessage(), e);
    }
  }

  /**
   * Reads {@code tokenizer_config.json}; of its keys only those named here affect ids.
   *
   * @param classes accepted values of {@code tokenizer_class}
   */
  static JsonFile config(Path folder, String... classes) {
    return guarded(
        () -> {
          JsonFile config = JsonFile.read(folder.resolve(CONFIG));
          config.only("tokenizer_class", (Object[]) classes);
          config.only("do_lower_case", true);
          config.only("padding_side", "right");
          config.only("truncation_side", "right");
          config.only("add_bos_token", true);
          config.only("add_eos_token", true);
          config.off("split_special_tokens", "sp_model_kwargs");
          maxLength(config);
          config.harmless("added_tokens_decoder");
          config.harmless("bos_token", "eos_token", "unk_token", "pad_token");
          config.harmless(WITHOUT_EFFECT);
          config.requireKnown();
          return config;
        });
  }

  /**
   * {@code model_max_length} of a configuration, in tokens. A value too large for an int, which
   * transformers writes for no limit, becomes the largest int.
   */
  static int maxLength(JsonFile config) {
    JsonNode value = config.get("model_max_length");
    boolean unlimited = value.isIntegralNumber() && value.bigIntegerValue().bitLength() > 31;
    boolean unlimitedFloat = value.isFloatingPointNumber() && value.doubleValue() > 1L << 31;
    if ((unlimited || unlimitedFloat) && value.doubleValue() > 0) {
      return Integer.MAX_VALUE;
    }
    if (!value.isInt() || value.intValue() < 2) {
      throw new TokenizerException(
          "%s: \"model_max_length\" must be a number of tokens, 2 or more, but is %s"
              .formatted(config.origin(), value.isMissingNode() ? "missing" : value));
    }
    return value.intValue();
  }

  /**
   * The text of a special token such as {@code pad_token}: a string, or an object with the text.
   */
  static Optional<String> token(JsonFile config, String key) {
    JsonNode value = config.get(key);
    JsonNode text = value.isObject() ? value.path("content") : value;
    return text.isTextual() ? Optional.of(text.textValue()) : Optional.empty();
  }

  /**
   * As {@link #token(JsonFile, String)}. Folders without {@code added_tokens_decoder} have an older
   * form, in which {@code special_tokens_map.json} is used too.
   */
  static Optional<String> special(Path folder, JsonFile config, String key) {
    Optional<String> own = token(config, key);
    Path map = folder.resolve(SPECIAL);
    if (config.has("added_tokens_decoder") || !Files.exists(map)) {
      return own;
    }
    Optional<String> mapped = token(read(map), key);
    if (own.isPresent() && mapped.isPresent() && !own.equals(mapped)) {
      throw new TokenizerException(
          "%s: \"%s\" is \"%s\", but \"%s\" in %s; make them the same"
              .formatted(config.origin(), key, own.get(), mapped.get(), SPECIAL));
    }
    return own.or(() -> mapped);
  }

  /** {@code added_tokens_decoder} of a configuration, an object from id to token. */
  static List<AddedToken> addedTokensById(JsonFile config) {
    List<AddedToken> tokens = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : config.get("added_tokens_decoder").properties()) {
      int id;
      try {
        id = Integer.parseInt(entry.getKey());
      } catch (NumberFormatException e) {
        throw new TokenizerException(
            "%s: \"added_tokens_decoder\" has the key \"%s\", which is not a token id"
                .formatted(config.origin(), entry.getKey()),
            e);
      }
      tokens.add(addedToken(config.origin(), id, entry.getValue()));
    }
    return tokens;
  }

  /** {@code added_tokens} of a tokenizer.json, a list. */
  static List<AddedToken> addedTokens(JsonFile tokenizer) {
    List<AddedToken> tokens = new ArrayList<>();
    for (JsonNode token : tokenizer.get("added_tokens")) {
      tokens.add(addedToken(tokenizer.origin(), token.path("id").asInt(-1), token));
    }
    return tokens;
  }

  private static AddedToken addedToken(String file, int id, JsonNode token) {
    String content = token.path("content").asText();
    if (id < 0 || content.isEmpty()) {
      throw new TokenizerException("%s: %s is not a token with an id".formatted(file, token));
    }
    List<String> flags =
        Stream.of("lstrip", "rstrip", "single_word")
            .filter(flag -> token.path(flag).asBoolean())
            .toList();
    return new AddedToken(
        id,
        content,
        token.path("normalized").asBoolean(),
        token.path("special").asBoolean(),
        flags);
  }
}
