package io.atelier.actors.run.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A file with one JSON object per line, which other programs may read while it grows. Every line
 * has the keys of all lines before it, in the same order. A number that is not finite is written as
 * {@code null}: JSON has no NaN, and readers would reject it.
 */
public final class JsonLines implements AutoCloseable {

  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  private final Path file;
  private final FileChannel out;
  private final Set<String> keys = new LinkedHashSet<>();

  private JsonLines(Path file, FileChannel out) {
    this.file = file;
    this.out = out;
  }

  /** Opens a file for appending, after dropping the lines that {@code keep} rejects. */
  public static JsonLines open(Path file, Predicate<Map<String, Object>> keep, Fence fence) {
    List<Map<String, Object>> kept = Files.notExists(file) ? new ArrayList<>() : read(file);
    boolean changed = kept.removeIf(keep.negate());
    try {
      if (changed || !Files.notExists(file)) {
        // also removes a last line that a killed run left incomplete
        Durable.replace(file, text(kept).getBytes(StandardCharsets.UTF_8), fence);
      }
      FileChannel out =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      JsonLines lines = new JsonLines(file, out);
      kept.forEach(line -> lines.keys.addAll(line.keySet()));
      return lines;
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  private static String text(List<Map<String, Object>> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(Json.line(line)).append('\n'));
    return text.toString();
  }

  /** Adds a line. */
  public void append(Map<String, ?> values) {
    keys.addAll(values.keySet());
    Map<String, Object> line = new LinkedHashMap<>();
    for (String key : keys) {
      line.put(key, Json.finite(values.get(key)));
    }
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(Json.line(line) + "\n");
    Durable.append(out, bytes, file);
  }

  /** Reads all complete lines of a file; a truncated last line is left out. */
  public static List<Map<String, Object>> read(Path file) {
    List<Map<String, Object>> lines = new ArrayList<>();
    String text = new String(Storage.bytes(file), StandardCharsets.UTF_8);
    for (int begin = 0, end; (end = text.indexOf('\n', begin)) >= 0; begin = end + 1) {
      try {
        lines.add(Json.MAPPER.readValue(text.substring(begin, end), OBJECT));
      } catch (JsonProcessingException e) {
        throw new RunFolderException(
            "%s, line %d is damaged: %s; mend or remove that line"
                .formatted(file, lines.size() + 1, e.getOriginalMessage()),
            e);
      }
    }
    return lines;
  }

  @Override
  public void close() {
    try {
      out.force(true);
      out.close();
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }
}
