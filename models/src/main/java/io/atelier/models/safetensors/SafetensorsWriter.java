package io.atelier.models.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.atelier.models.files.Contents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes one safetensors file. Equal content gives equal bytes, laid out as in the reference
 * library: types in descending order, then names; the header padded with spaces to a multiple of
 * eight bytes; metadata sorted by key.
 *
 * <p>{@link #write} is atomic: the file appears complete, synced to disk, or not at all.
 */
public final class SafetensorsWriter {

  private static final int CHUNK = 1 << 18;

  /** Permissions of ordinary files, subject to the umask; otherwise a temporary file is private. */
  private static final FileAttribute<Set<PosixFilePermission>> READABLE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-"));

  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final SortedMap<String, String> metadata = new TreeMap<>();

  private record Entry(String name, DType dtype, long[] shape, long bytes, Content content) {}

  /** Writes the bytes of a tensor, little-endian. */
  private interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Adds entries to the header's {@code __metadata__}. */
  public SafetensorsWriter metadata(Map<String, String> more) {
    metadata.putAll(more);
    return this;
  }

  /** Adds a float32 tensor. {@code values} are not copied. */
  public SafetensorsWriter add(String name, long[] shape, float[] values) {
    long bytes = (long) values.length * Float.BYTES;
    return add(new Entry(name, DType.F32, shape.clone(), bytes, out -> writeFloats(out, values)));
  }

  /** Adds a tensor rounded to F16; every value must be finite as a half, that is below 65520. */
  public SafetensorsWriter addHalf(String name, long[] shape, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      if (!(Math.abs(values[i]) < 65_520f)) {
        throw new SafetensorsException(
            "tensor \"%s\": element %d is %s, which F16 cannot hold".formatted(name, i, values[i]));
      }
      bytes.putShort(DType.floatToHalf(values[i]));
    }
    return add(name, DType.F16, shape, bytes.flip());
  }

  /**
   * Adds a tensor rounded to {@code type}: F32, F16 as {@link #addHalf} does, or BF16, for which
   * every value must be finite.
   */
  public SafetensorsWriter add(String name, DType type, long[] shape, float[] values) {
    return switch (type) {
      case F32 -> add(name, shape, values);
      case F16 -> addHalf(name, shape, values);
      case BF16 -> addBfloat16(name, shape, values);
      default -> throw new IllegalArgumentException("floats are not written as " + type);
    };
  }

  private SafetensorsWriter addBfloat16(String name, long[] shape, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      float rounded = Bfloat16.round(values[i]);
      if (!Float.isFinite(rounded)) {
        throw new SafetensorsException(
            "tensor \"%s\": element %d is %s, which BF16 cannot hold"
                .formatted(name, i, values[i]));
      }
      bytes.putShort(Bfloat16.bits(rounded));
    }
    return add(name, DType.BF16, shape, bytes.flip());
  }

  /** Adds an int64 tensor. {@code values} are not copied. */
  public SafetensorsWriter add(String name, long[] shape, long[] values) {
    long bytes = (long) values.length * Long.BYTES;
    return add(new Entry(name, DType.I64, shape.clone(), bytes, out -> writeLongs(out, values)));
  }

  /** Adds a tensor as bytes, little-endian, from position to limit; they are not copied. */
  public SafetensorsWriter add(String name, DType dtype, long[] shape, ByteBuffer bytes) {
    return add(
        new Entry(
            name,
            dtype,
            shape.clone(),
            bytes.remaining(),
            out -> writeFully(out, bytes.duplicate())));
  }

  private SafetensorsWriter add(Entry entry) {
    long expected = entry.dtype().bytes();
    for (long extent : entry.shape()) {
      expected = Math.multiplyExact(expected, extent);
    }
    TensorInfo info = new TensorInfo(entry.dtype().name(), entry.shape(), 0, entry.bytes());
    if (!entry.dtype().readable()) {
      throw new SafetensorsException(
          "tensor \"%s\" has type %s, which is not written".formatted(entry.name(), entry.dtype()));
    }
    if (expected != entry.bytes()) {
      throw new SafetensorsException(
          "tensor \"%s\" of %s needs %d bytes, got %d"
              .formatted(entry.name(), info, expected, entry.bytes()));
    }
    if (entry.name().equals(SafetensorsHeader.METADATA) || !names.add(entry.name())) {
      throw new SafetensorsException(
          "a tensor cannot be called \"%s\": the name is taken".formatted(entry.name()));
    }
    entries.add(entry);
    return this;
  }

  /** Writes everything added so far to {@code file}, replacing one that exists. */
  public void write(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      Path part = Files.createTempFile(folder, file.getFileName() + ".", ".part", READABLE);
      try {
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
          writeTo(out);
          out.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true); // otherwise a power failure could undo the rename
      }
    } catch (IOException e) {
      throw new SafetensorsException(
          "%s cannot be written: %s".formatted(file, Contents.reason(e)), e);
    }
  }

  private void writeTo(FileChannel out) throws IOException {
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(
        Comparator.comparing(Entry::dtype, Comparator.reverseOrder())
            .thenComparing(e -> e.name().getBytes(StandardCharsets.UTF_8), Arrays::compare));
    byte[] json = header(ordered);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head =
        ByteBuffer.allocate(SafetensorsFile.PREFIX + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    writeFully(out, head.flip());
    for (Entry entry : ordered) {
      entry.content().writeTo(out);
    }
  }

  private byte[] header(List<Entry> ordered) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Entry entry : ordered) {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.dtype().name());
        json.writeFieldName("shape");
        json.writeArray(entry.shape(), 0, entry.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, offset + entry.bytes()}, 0, 2);
        json.writeEndObject();
        offset += entry.bytes();
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeFloats(FileChannel out, float[] values) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK / Float.BYTES) {
      int count = Math.min(values.length - from, CHUNK / Float.BYTES);
      chunk.clear().asFloatBuffer().put(values, from, count);
      writeFully(out, chunk.limit(count * Float.BYTES));
    }
  }

  private static void writeLongs(FileChannel out, long[] values) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK / Long.BYTES) {
      int count = Math.min(values.length - from, CHUNK / Long.BYTES);
      chunk.clear().asLongBuffer().put(values, from, count);
      writeFully(out, chunk.limit(count * Long.BYTES));
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
