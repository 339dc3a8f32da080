package io.atelier.reward.graph;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.JsonFile;
import io.atelier.rollout.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads attributes of a prompt from the prompt file. */
final class Attributes {

  private Attributes() {}

  /**
   * Returns a string as it is, a number or boolean in JSON notation; empty if it is missing or
   * null.
   */
  static Optional<String> of(Prompt prompt, String attribute) {
    if (prompt.attributes().isEmpty()) {
      return Optional.empty();
    }
    byte[] json = prompt.attributes().getBytes(StandardCharsets.UTF_8);
    JsonNode value = JsonFile.parse("prompt \"%s\"".formatted(prompt.text()), json).get(attribute);
    if (value.isContainerNode()) {
      throw new IllegalArgumentException(
          "prompt \"%s\" has \"%s\": %s, by which the graph cannot route; make it a text or a number"
              .formatted(prompt.text(), attribute, value));
    }
    return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value.asText());
  }
}
