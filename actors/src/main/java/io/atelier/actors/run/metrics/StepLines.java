package io.atelier.actors.run.metrics;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file with one JSON object per line, whose first key is {@code step}, in the order of the steps.
 * Other programs may read it while it grows. Unlike with {@link JsonLines} it may be far larger
 * than memory: it is only read line by line.
 */
public final class StepLines implements AutoCloseable {

  /** Receives the lines that are kept; all of them again when a read of the storage is retried. */
  @FunctionalInterface
  public interface Reader {
    void line(int step, byte[] json) throws IOException;
  }

  private final Path file;
  private final FileChannel out;

  private StepLines(Path file, FileChannel out) {
    this.file = file;
    this.out = out;
  }

  /**
   * Opens a file for appending. The first line of a step after {@code trained} is dropped with all
   * after it, and so is a last line that a killed run left incomplete. A line that cannot be parsed
   * is kept as it is; readers skip it.
   *
   * @param trained steps trained so far
   */
  public static StepLines open(Path file, int trained, Fence fence, Reader reader) {
    long kept = Files.notExists(file) ? 0 : Storage.read(file, () -> kept(file, trained, reader));
    try {
      return new StepLines(file, Durable.goOn(file, kept, fence));
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  /** Bytes of the lines that are kept. */
  private static long kept(Path file, int trained, Reader reader) throws IOException {
    long kept = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next; (next = in.read()) >= 0; ) {
        if (next != '\n') {
          line.write(next);
          continue;
        }
        byte[] json = line.toByteArray();
        int step = step(json);
        if (step > trained) {
          return kept;
        }
        if (step >= 0) {
          reader.line(step, json);
        }
        kept += json.length + 1;
        line.reset();
      }
    }
    return kept;
  }

  /** The step of a line, or -1 if it has none. */
  private static int step(byte[] json) {
    try (JsonParser parser = Json.MAPPER.createParser(json)) {
      boolean first =
          parser.nextToken() == JsonToken.START_OBJECT && "step".equals(parser.nextFieldName());
      return first && parser.nextToken() == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /**
   * Adds a line.
   *
   * @param values the first is {@code step}, not smaller than that of the line before; numbers are
   *     finite
   */
  public void append(Map<String, ?> values) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(Json.line(values) + "\n");
    Durable.append(out, bytes, file);
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }
}
