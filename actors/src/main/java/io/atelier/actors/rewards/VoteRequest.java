package io.atelier.actors.rewards;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.atelier.actors.config.reward.JudgeConfig.Format;
import io.atelier.actors.config.reward.JudgeConfig.Question;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;

/**
 * The request to a judge: a chat completion of one message with both images, in the format of the
 * OpenAI API, vLLM and llama.cpp.
 */
final class VoteRequest {

  /** Alternatives of each token that are requested; only the two letters are used. */
  private static final int TOP = 5;

  /** The same for words, which have several spellings. */
  private static final int TOP_WORDS = 10;

  private static final float QUALITY = 0.95f;

  private static final JsonFactory JSON = new JsonFactory();

  private VoteRequest() {}

  /** Returns the instruction with the prompt filled in. */
  static String instruction(Question question, String prompt) {
    return question.instruction().replace(Question.PROMPT, prompt);
  }

  /** Returns an image as a data URL. */
  static String dataUrl(Images image, Format format) {
    BufferedImage picture = ImageCodecs.picture(image, 0);
    byte[] bytes =
        switch (format) {
          case PNG -> ImageCodecs.png(picture);
          case JPEG -> ImageCodecs.jpeg(picture, QUALITY, true);
        };
    return "data:image/%s;base64,%s"
        .formatted(format.key(), Base64.getEncoder().encodeToString(bytes));
  }

  /**
   * Returns the body of a request: JSON in UTF-8.
   *
   * @param a data URL of the image that is shown first
   * @param b the same of the other
   * @param vote number of this answer among those to the same question, from 0
   */
  static byte[] of(Question question, String prompt, String a, String b, int vote) {
    return of(
        question,
        vote,
        TOP,
        json -> {
          text(json, "Image A:");
          image(json, a);
          text(json, "Image B:");
          image(json, b);
          text(json, instruction(question, prompt));
        });
  }

  /**
   * Returns the body of a request about one image.
   *
   * @param image data URL of it
   */
  static byte[] of(Question question, String prompt, String image) {
    return of(
        question,
        0,
        TOP_WORDS,
        json -> {
          image(json, image);
          text(json, instruction(question, prompt));
        });
  }

  /** The content of a message. */
  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] of(Question question, int vote, int top, Content content) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeStringField("model", question.model());
      json.writeArrayFieldStart("messages");
      json.writeStartObject();
      json.writeStringField("role", "user");
      json.writeArrayFieldStart("content");
      content.write(json);
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndArray();
      json.writeNumberField("temperature", question.temperature());
      json.writeNumberField("seed", vote);
      json.writeNumberField("max_tokens", question.maxTokens());
      if (question.logProbabilities()) {
        json.writeBooleanField("logprobs", true);
        json.writeNumberField("top_logprobs", top);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: it writes to memory
    }
    return body.toByteArray();
  }

  private static void text(JsonGenerator json, String text) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "text");
    json.writeStringField("text", text);
    json.writeEndObject();
  }

  private static void image(JsonGenerator json, String url) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "image_url");
    json.writeObjectFieldStart("image_url");
    json.writeStringField("url", url);
    json.writeEndObject();
    json.writeEndObject();
  }
}
