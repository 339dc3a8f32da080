package io.atelier.actors.rewards;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.atelier.actors.config.reward.HttpRewardConfig.Format;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The request to score a group. */
final class ScoreRequest {

  private static final int VERSION = 1;

  /** Most bytes of the images of a request, before base64, which makes four of three. */
  private static final long LARGEST = 512L << 20;

  private static final JsonFactory JSON = new JsonFactory();

  private ScoreRequest() {}

  /**
   * Refuses groups that are too large for a request.
   *
   * @throws IllegalArgumentException with the sizes
   */
  static void requireFits(int count, int height, int width) {
    long bytes = Images.bytes(count, height, width);
    if (bytes > LARGEST) {
      throw new IllegalArgumentException(
          "%d images of %d x %d pixels have %d bytes, and a request has room for %d; make groups or images smaller"
              .formatted(count, height, width, bytes, LARGEST));
    }
  }

  /** Returns the body of the request for a group: JSON in UTF-8. */
  static byte[] of(ImageGroup group, Format format) {
    Images images = group.images();
    requireFits(images.count(), images.height(), images.width());
    Prompt prompt = group.prompt();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeStringField("group", group.id().toString());
      json.writeStringField("prompt", prompt.text());
      json.writeFieldName("attributes");
      json.writeRawValue(prompt.attributes().isEmpty() ? "{}" : prompt.attributes());
      json.writeStringField("format", format.key());
      json.writeNumberField("height", images.height());
      json.writeNumberField("width", images.width());
      json.writeArrayFieldStart("images");
      for (int i = 0; i < images.count(); i++) {
        switch (format) {
          case PNG -> json.writeBinary(ImageCodecs.png(ImageCodecs.picture(images, i)));
          case RAW -> json.writeBinary(images.rgb(), i * images.stride(), images.stride());
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: it writes to memory
    }
    return body.toByteArray();
  }
}
