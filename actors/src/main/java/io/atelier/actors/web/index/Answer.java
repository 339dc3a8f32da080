package io.atelier.actors.web.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The response to a request.
 *
 * @param length bytes of the body
 * @param headers besides those that every answer has
 */
public record Answer(int status, long length, Body body, Map<String, String> headers) {

  /** Writes exactly {@code length} bytes. */
  @FunctionalInterface
  public interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  public static final ObjectMapper JSON = JsonMapper.builder().build();

  private static final String TYPE = "Content-Type";

  public static Answer bytes(int status, String type, byte[] bytes) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(TYPE, type);
    return new Answer(status, bytes.length, out -> out.write(bytes), headers);
  }

  /** A sentence for a person. */
  public static Answer text(int status, String sentence) {
    return bytes(
        status, "text/plain; charset=utf-8", (sentence + "\n").getBytes(StandardCharsets.UTF_8));
  }

  public static Answer json(Object value) {
    try {
      return bytes(200, "application/json; charset=utf-8", JSON.writeValueAsBytes(value))
          .with("Cache-Control", "no-store");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Says that the browser's copy is up to date. */
  public static Answer notModified() {
    return new Answer(304, 0, out -> {}, new LinkedHashMap<>());
  }

  public Answer with(String header, String value) {
    headers.put(header, value);
    return this;
  }
}
