package io.atelier.models.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.atelier.models.files.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The validated JSON header of a safetensors file.
 *
 * @param tensors tensors by name
 * @param metadata the entries of {@code __metadata__}
 */
record SafetensorsHeader(
    SortedMap<String, TensorInfo> tensors, SortedMap<String, String> metadata) {

  static final String METADATA = "__metadata__";

  private static final int LARGEST_RANK = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  SafetensorsHeader {
    tensors = Collections.unmodifiableSortedMap(tensors);
    metadata = Collections.unmodifiableSortedMap(metadata);
  }

  /** Reads {@code json}; {@code dataLength} is the number of bytes after the header. */
  static SafetensorsHeader parse(Path path, byte[] json, long dataLength) {
    SafetensorsHeader header = new Reader(path, text(path, json)).header();
    header.checkTiling(path, dataLength);
    return header;
  }

  /** Decodes strictly first: the JSON parser alone would accept some malformed UTF-8. */
  private static String text(Path path, byte[] json) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException("%s has a header that is not UTF-8".formatted(path), e);
    }
  }

  List<TensorInfo> inFileOrder() {
    return byPlace().map(Map.Entry::getValue).toList();
  }

  private Stream<Map.Entry<String, TensorInfo>> byPlace() {
    return tensors.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, TensorInfo> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
  }

  private void checkTiling(Path path, long dataLength) {
    long expected = 0;
    for (Map.Entry<String, TensorInfo> entry : byPlace().toList()) {
      TensorInfo tensor = entry.getValue();
      if (tensor.end() > dataLength) {
        throw new SafetensorsException(
            "%s: tensor \"%s\" ends at offset %d, but only %d bytes of data follow the header: truncated?"
                .formatted(path, entry.getKey(), tensor.end(), dataLength));
      }
      if (tensor.begin() != expected) {
        throw new SafetensorsException(
            "%s: tensor \"%s\" begins at offset %d, %s: %d was expected"
                .formatted(
                    path,
                    entry.getKey(),
                    tensor.begin(),
                    tensor.begin() < expected ? "within the one before it" : "after a hole",
                    expected));
      }
      expected = tensor.end();
    }
    if (expected != dataLength) {
      throw new SafetensorsException(
          "%s has %d bytes of data, but its tensors end at offset %d"
              .formatted(path, dataLength, expected));
    }
  }

  /** One pass over the tokens of a header. */
  private static final class Reader {

    private final Path path;
    private final String json;
    private String tensor = "";

    Reader(Path path, String json) {
      this.path = path;
      this.json = json;
    }

    SafetensorsHeader header() {
      SortedMap<String, TensorInfo> tensors = new TreeMap<>();
      SortedMap<String, String> metadata = new TreeMap<>();
      try (JsonParser in = JSON.createParser(json)) {
        require(in.nextToken() == JsonToken.START_OBJECT, in, "is not a JSON object");
        while (in.nextToken() == JsonToken.FIELD_NAME) {
          tensor = in.currentName();
          if (tensor.equals(METADATA)) {
            metadata(in, metadata);
          } else {
            tensors.put(tensor, tensor(in));
          }
        }
        tensor = "";
        require(in.nextToken() == null, in, "goes on after its end");
      } catch (IOException e) {
        throw new SafetensorsException(message("is not valid JSON: " + JsonFile.reason(e)), e);
      }
      return new SafetensorsHeader(tensors, metadata);
    }

    private void metadata(JsonParser in, Map<String, String> into) throws IOException {
      require(in.nextToken() == JsonToken.START_OBJECT, in, "is not an object");
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String key = in.currentName();
        require(in.nextToken() == JsonToken.VALUE_STRING, in, "has a value that is not a string");
        into.put(key, in.getText());
      }
    }

    private TensorInfo tensor(JsonParser in) throws IOException {
      require(in.nextToken() == JsonToken.START_OBJECT, in, "is not an object");
      String type = null;
      long[] shape = null;
      long[] place = null;
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        switch (in.currentName()) {
          case "dtype" -> {
            require(
                in.nextToken() == JsonToken.VALUE_STRING, in, "has a dtype that is not a string");
            type = in.getText();
          }
          case "shape" -> shape = numbers(in, LARGEST_RANK);
          case "data_offsets" -> place = numbers(in, 2);
          default -> require(false, in, "has an unknown field \"" + in.currentName() + "\"");
        }
      }
      require(type != null, in, "has no dtype");
      require(shape != null, in, "has no shape");
      require(place != null && place.length == 2, in, "has no pair of data_offsets");
      return checked(in, new TensorInfo(type, shape, place[0], place[1]));
    }

    private long[] numbers(JsonParser in, int most) throws IOException {
      require(in.nextToken() == JsonToken.START_ARRAY, in, "has a value that is not a list");
      long[] values = new long[most];
      int count = 0;
      while (in.nextToken() != JsonToken.END_ARRAY) {
        require(count < most, in, "has a list of more than " + most + " numbers");
        require(in.currentToken() == JsonToken.VALUE_NUMBER_INT, in, "has a list of non-integers");
        require(in.getNumberType() != JsonParser.NumberType.BIG_INTEGER, in, "has a huge number");
        values[count++] = in.getLongValue();
        require(values[count - 1] >= 0, in, "has a negative number");
      }
      return Arrays.copyOf(values, count);
    }

    private TensorInfo checked(JsonParser in, TensorInfo info) throws IOException {
      require(
          info.begin() <= info.end(),
          in,
          "begins at offset %d and ends at %d".formatted(info.begin(), info.end()));
      if (DType.of(info.dtype()).isPresent()) {
        long size = size(DType.of(info.dtype()).get(), info.shape());
        require(
            size == info.bytes(),
            in,
            "of %s lies at offsets %d to %d, which are %d bytes where its shape needs %s"
                .formatted(
                    info,
                    info.begin(),
                    info.end(),
                    info.bytes(),
                    size < 0 ? "2^63 or more" : size));
      }
      return info;
    }

    /** Bytes of a tensor, or -1 if a long cannot hold them. */
    private static long size(DType type, long[] shape) {
      long size = type.bytes();
      try {
        for (long extent : shape) {
          size = Math.multiplyExact(size, extent);
        }
        return size;
      } catch (ArithmeticException e) {
        return -1;
      }
    }

    private void require(boolean holds, JsonParser in, String otherwise) {
      if (!holds) {
        throw new SafetensorsException(
            message(
                "%s (character %d of the header)"
                    .formatted(otherwise, in.currentTokenLocation().getCharOffset())));
      }
    }

    private String message(String what) {
      return tensor.isEmpty()
          ? "%s: the header %s".formatted(path, what)
          : "%s: tensor \"%s\" %s".formatted(path, tensor, what);
    }
  }
}
