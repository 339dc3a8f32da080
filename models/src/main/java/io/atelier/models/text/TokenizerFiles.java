package io.atelier.models.text;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the JSON files of a tokenizer folder. */
final class TokenizerFiles {

  static final String CONFIG = "tokenizer_config.json";
  static final String TOKENIZER = "tokenizer.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * A token that is cut out of a text before anything else is done to it.
   *
   * @param normalized whether it is looked for in the normalised text rather than in the raw one
   */
  record AddedToken(int id, String content, boolean normalized, boolean special) {}

  private TokenizerFiles() {}

  static JsonNode read(Path file) {
    try {
      JsonNode content = JSON.readTree(Files.readAllBytes(file));
      if (!content.isObject()) {
        throw new TokenizerException("%s is not a JSON object".formatted(file));
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new TokenizerException("%s does not exist".formatted(file), e);
    } catch (IOException e) {
      throw new TokenizerException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** {@code model_max_length} of a configuration, in tokens. */
  static int maxLength(Path file, JsonNode config) {
    JsonNode value = config.path("model_max_length");
    if (!value.isInt() || value.intValue() < 2) {
      throw new TokenizerException(
          "%s: \"model_max_length\" must be a number of tokens, 2 or more, but is %s"
              .formatted(file, value.isMissingNode() ? "missing" : value));
    }
    return value.intValue();
  }

  /**
   * The text of a special token such as {@code pad_token}: a string, or an object with the text.
   */
  static Optional<String> token(JsonNode config, String key) {
    JsonNode value = config.path(key);
    JsonNode text = value.isObject() ? value.path("content") : value;
    return text.isTextual() ? Optional.of(text.textValue()) : Optional.empty();
  }

  /** {@code added_tokens_decoder} of a configuration, an object from id to token. */
  static List<AddedToken> addedTokensById(Path file, JsonNode config) {
    List<AddedToken> tokens = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : config.path("added_tokens_decoder").properties()) {
      int id;
      try {
        id = Integer.parseInt(entry.getKey());
      } catch (NumberFormatException e) {
        throw new TokenizerException(
            "%s: \"added_tokens_decoder\" has the key \"%s\", which is no token id"
                .formatted(file, entry.getKey()),
            e);
      }
      tokens.add(addedToken(file, id, entry.getValue()));
    }
    return tokens;
  }

  /** {@code added_tokens} of a tokenizer.json, a list. */
  static List<AddedToken> addedTokens(Path file, JsonNode tokenizer) {
    List<AddedToken> tokens = new ArrayList<>();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      tokens.add(addedToken(file, token.path("id").asInt(-1), token));
    }
    return tokens;
  }

  private static AddedToken addedToken(Path file, int id, JsonNode token) {
    String content = token.path("content").asText();
    if (id < 0 || content.isEmpty()) {
      throw new TokenizerException("%s: %s is no token with an id".formatted(file, token));
    }
    for (String flag : List.of("lstrip", "rstrip", "single_word")) {
      if (token.path(flag).asBoolean()) {
        throw new TokenizerException(
            "%s: token \"%s\" has \"%s\" set, which is not supported"
                .formatted(file, content, flag));
      }
    }
    return new AddedToken(
        id, content, token.path("normalized").asBoolean(), token.path("special").asBoolean());
  }
}
