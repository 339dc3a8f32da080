package io.atelier.actors.run.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** JSON as written and read in the files of a run. */
public final class Json {

  public static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT) // it would truncate 2.7 to 2
          .build();

  private Json() {}

  /** {@code value} as indented JSON, for people to read. */
  public static byte[] pretty(Object value) {
    try {
      String text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
      return (text + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** {@code value}, but null for a number that is not finite, which JSON cannot express. */
  public static Object finite(Object value) {
    boolean isFinite = !(value instanceof Number number) || Double.isFinite(number.doubleValue());
    return isFinite ? value : null;
  }

  /** The numbers of an array, each passed through {@link #finite(Object)}. */
  public static List<Object> finite(float[] values) {
    List<Object> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(finite((Object) value));
    }
    return list;
  }

  /** The same. */
  public static List<Object> finite(double[] values) {
    List<Object> list = new ArrayList<>(values.length);
    for (double value : values) {
      list.add(finite((Object) value));
    }
    return list;
  }

  /** {@code value} as one line, without a line end. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
