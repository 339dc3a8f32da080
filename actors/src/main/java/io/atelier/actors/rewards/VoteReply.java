package io.atelier.actors.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads a chat completion. Its many other keys differ from server to server and are ignored. */
final class VoteReply implements Protocol<Vote> {

  private static final String CHOICES = "choices";

  /** The {@code finish_reason} of a complete answer. */
  private static final String DONE = "stop";

  /** Codes of a content filter in front of the model. */
  private static final Set<String> GUARDED = Set.of("content_filter", "content_policy_violation");

  /** Thousands of tokens, each with its alternatives. */
  @Override
  public int largest() {
    return 16 << 20;
  }

  @Override
  public Vote read(byte[] body) {
    JsonFile reply = JsonFile.parse("the reply", body);
    JsonNode choice = choice(reply);
    Optional<Vote.Refused> refusal = refusal(choice);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    JsonNode message = choice.get("message");
    String end = choice.path("finish_reason").asText();
    JsonNode content = message.path("content");
    if (!content.isTextual() && !content.isNull()) {
      throw reply.wrong(CHOICES, "should have a message whose content is a text");
    }
    String text = content.asText("");
    String written = reasons(message) + text;
    if (!end.equals(DONE)) { // a truncated answer may end with any letter
      return new Vote.Cast(
          OptionalDouble.empty(), "%s [finish_reason is %s]".formatted(written, Quoted.brief(end)));
    }
    Optional<LetterAnswer> letter = LetterAnswer.of(text);
    if (letter.isEmpty()) {
      return new Vote.Cast(OptionalDouble.empty(), written);
    }
    try {
      OptionalDouble share =
          letter.get().probability(text, choice.path("logprobs").path("content"));
      return new Vote.Cast(
          OptionalDouble.of(share.orElse(letter.get().letter() == 'A' ? 1 : 0)), written);
    } catch (IllegalArgumentException e) {
      throw new FileException("the reply: " + e.getMessage(), e);
    }
  }

  /** Returns the one answer of a reply. */
  static JsonNode choice(JsonFile reply) {
    JsonNode choices = reply.get(CHOICES);
    if (!choices.isArray() || choices.size() != 1 || !choices.get(0).path("message").isObject()) {
      throw reply.wrong(CHOICES, "should be a list of one choice, which has a message");
    }
    return choices.get(0);
  }

  /** Returns why there is no answer, if the model or a filter in front of it refused. */
  static Optional<Vote.Refused> refusal(JsonNode choice) {
    String end = choice.path("finish_reason").asText();
    if (GUARDED.contains(end)) {
      return Optional.of(new Vote.Refused("finish_reason is " + end));
    }
    JsonNode refusal = choice.get("message").path("refusal");
    return refusal.isTextual() && !refusal.asText().isBlank()
        ? Optional.of(new Vote.Refused(Quoted.brief(refusal.asText())))
        : Optional.empty();
  }

  /** Returns the reasoning of servers that keep it apart from the answer. */
  private static String reasons(JsonNode message) {
    for (String key : new String[] {"reasoning_content", "reasoning"}) {
      if (message.path(key).isTextual()) {
        return message.get(key).asText() + "\n";
      }
    }
    return "";
  }

  /** {@code {"error": {"code": "content_filter"}}} is about the images, any other the request. */
  @Override
  public Optional<Vote> refused(byte[] body) {
    JsonNode error;
    try {
      error = JsonFile.parse("the reply", body).get("error");
    } catch (FileException e) {
      return Optional.empty(); // the caller quotes it
    }
    String code = error.path("code").asText();
    return GUARDED.contains(code)
        ? Optional.of(new Vote.Refused("%s: %s".formatted(code, Quoted.brief(error.toString()))))
        : Optional.empty();
  }
}
