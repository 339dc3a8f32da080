package io.atelier.models.safetensors;

import io.atelier.models.files.Contents;
import io.atelier.models.files.NearestName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * A safetensors file, mapped into memory. The header is checked when it is opened: lengths before
 * anything is allocated, then names, types, shapes, and that the tensors tile the data exactly,
 * without overlaps or holes, as the reference library requires. The mapping lives as long as its
 * views.
 */
public final class SafetensorsFile implements TensorSource {

  /** The reference library's limit on the header. */
  static final long LARGEST_HEADER = 100_000_000;

  static final int PREFIX = Long.BYTES;

  private final Path path;
  private final SafetensorsHeader header;
  private final NavigableMap<Long, ByteBuffer> windows;

  private SafetensorsFile(
      Path path, SafetensorsHeader header, NavigableMap<Long, ByteBuffer> windows) {
    this.path = path;
    this.header = header;
    this.windows = windows;
  }

  public static SafetensorsFile open(Path path) {
    return open(path, (channel, at, length) -> channel.map(MapMode.READ_ONLY, at, length));
  }

  /**
   * The same, read into the heap: nothing stays open or mapped, so a file deleted on a network file
   * system is gone at once. For files that are small compared with the heap.
   */
  public static SafetensorsFile read(Path path) {
    return open(
        path,
        (channel, at, length) -> {
          ByteBuffer bytes = ByteBuffer.allocate((int) length); // at most the file's length
          readFully(path, channel, bytes, at);
          return bytes.asReadOnlyBuffer();
        });
  }

  /** Gets a part of the data. */
  private interface Window {
    ByteBuffer get(FileChannel channel, long at, long length) throws IOException;
  }

  private static SafetensorsFile open(Path path, Window window) {
    boolean plain = Files.isRegularFile(path) || Files.isDirectory(path) || Files.notExists(path);
    if (!plain) { // reading a pipe would block
      throw new SafetensorsException("%s is a pipe or device, not a file".formatted(path));
    }
    try {
      return opened(path, window);
    } catch (SafetensorsException e) {
      Optional<String> instead = Contents.known(path);
      if (instead.isPresent()) {
        throw new SafetensorsException(
            "%s is not a safetensors file: it is %s".formatted(path, instead.get()), e);
      }
      throw e;
    }
  }

  private static SafetensorsFile opened(Path path, Window window) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      long headerLength = headerLength(path, channel, size);
      ByteBuffer json = ByteBuffer.allocate((int) headerLength);
      readFully(path, channel, json, PREFIX);
      long data = PREFIX + headerLength;
      SafetensorsHeader header = SafetensorsHeader.parse(path, json.array(), size - data);
      return new SafetensorsFile(path, header, windows(channel, header, data, window));
    } catch (NoSuchFileException e) {
      throw new SafetensorsException("%s does not exist".formatted(path), e);
    } catch (IOException e) {
      throw new SafetensorsException(
          "%s cannot be read: %s".formatted(path, Contents.reason(e)), e);
    }
  }

  private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
    if (size < PREFIX) {
      throw new SafetensorsException(
          "%s has %d bytes, too few for a safetensors header: it is truncated or another kind of file"
              .formatted(path, size));
    }
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    readFully(path, channel, prefix, 0);
    long length = prefix.getLong(0);
    if (length < 2 || length > LARGEST_HEADER || length > size - PREFIX) {
      throw new SafetensorsException(
          ("%s claims at offset 0 a header of %s bytes, but has %d bytes in all (a header has 2 to"
                  + " %d): it is truncated or another kind of file")
              .formatted(path, Long.toUnsignedString(length), size, LARGEST_HEADER));
    }
    return length;
  }

  private static void readFully(Path path, FileChannel channel, ByteBuffer into, long offset)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, offset + into.position()) < 0) {
        throw new SafetensorsException(
            "%s ends at offset %d, before all of it was read; it was truncated meanwhile"
                .formatted(path, offset + into.position()));
      }
    }
    into.flip();
  }

  /**
   * Gets the data in as few windows of at most 2 GiB as possible, split only between tensors. A
   * tensor larger than a window is left out and fails when it is read.
   */
  private static NavigableMap<Long, ByteBuffer> windows(
      FileChannel channel, SafetensorsHeader header, long data, Window window) throws IOException {
    NavigableMap<Long, ByteBuffer> windows = new TreeMap<>();
    long begin = 0;
    long end = 0;
    for (TensorInfo tensor : header.inFileOrder()) {
      if (tensor.end() - begin > Integer.MAX_VALUE) {
        put(window, channel, data, begin, end, windows);
        begin = tensor.bytes() > Integer.MAX_VALUE ? tensor.end() : tensor.begin();
      }
      end = tensor.end();
    }
    put(window, channel, data, begin, end, windows);
    return windows;
  }

  private static void put(
      Window window,
      FileChannel channel,
      long data,
      long begin,
      long end,
      NavigableMap<Long, ByteBuffer> into)
      throws IOException {
    if (end > begin) {
      into.put(begin, window.get(channel, data + begin, end - begin));
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  /** The free-form entries of the header, empty if there are none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new SafetensorsException(
          "%s has no tensor \"%s\"; nearest of its %d: %s"
              .formatted(
                  path,
                  name,
                  header.tensors().size(),
                  String.join(", ", NearestName.to(name, names(), 3))));
    }
    return info;
  }

  @Override
  public ByteBuffer bytes(String name) {
    TensorInfo info = info(name);
    readableType(name, info);
    if (info.bytes() == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer();
    }
    if (info.bytes() > Integer.MAX_VALUE) {
      throw new SafetensorsException(
          "%s: tensor \"%s\" at offset %d has %d bytes; at most %d can be read at once"
              .formatted(path, name, info.begin(), info.bytes(), Integer.MAX_VALUE));
    }
    Map.Entry<Long, ByteBuffer> window = windows.floorEntry(info.begin());
    int start = (int) (info.begin() - window.getKey());
    return window.getValue().slice(start, (int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public float[] floats(String name) {
    ByteBuffer bytes = bytes(name);
    DType type = readableType(name, info(name));
    float[] values = new float[bytes.remaining() / type.bytes()];
    switch (type) {
      case F32 -> {
        FloatBuffer floats = bytes.asFloatBuffer();
        floats.get(values);
      }
      case F16 -> {
        ShortBuffer halves = bytes.asShortBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = DType.halfToFloat(halves.get(i));
        }
      }
      case BF16 -> {
        ShortBuffer halves = bytes.asShortBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = Bfloat16.of(halves.get(i));
        }
      }
      default -> throw wrongType(name, type, "BF16, F16 or F32");
    }
    return values;
  }

  @Override
  public OptionalLong firstFrom(String name, float magnitude) {
    int least = Float.floatToIntBits(magnitude); // non-negative: bits order as values
    ByteBuffer bytes = bytes(name);
    DType type = readableType(name, info(name));
    return switch (type) {
      case F32 -> firstFrom(bytes.asIntBuffer(), least);
      case F16 -> firstFrom(bytes.asShortBuffer(), DType.floatToHalf(magnitude));
      case BF16 -> firstFrom(bytes.asShortBuffer(), (least + 0xffff) >>> 16);
      default -> throw wrongType(name, type, "BF16, F16 or F32");
    };
  }

  /** The bits of NaN are above those of infinity. */
  private static OptionalLong firstFrom(IntBuffer values, int least) {
    for (int i = 0; i < values.limit(); i++) {
      if ((values.get(i) & Integer.MAX_VALUE) >= least) {
        return OptionalLong.of(i);
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong firstFrom(ShortBuffer values, int least) {
    for (int i = 0; i < values.limit(); i++) {
      if ((values.get(i) & Short.MAX_VALUE) >= least) {
        return OptionalLong.of(i);
      }
    }
    return OptionalLong.empty();
  }

  @Override
  public long[] longs(String name) {
    ByteBuffer bytes = bytes(name);
    DType type = readableType(name, info(name));
    if (type != DType.I64) {
      throw wrongType(name, type, "I64");
    }
    long[] values = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(values);
    return values;
  }

  private DType readableType(String name, TensorInfo info) {
    return DType.of(info.dtype())
        .filter(DType::readable)
        .orElseThrow(
            () ->
                new SafetensorsException(
                    "%s: tensor \"%s\" at offset %d has type %s; BF16, F16, F32, I64 and U8 can be read: take or make a file in one of them"
                        .formatted(path, name, info.begin(), info.dtype())));
  }

  private SafetensorsException wrongType(String name, DType type, String wanted) {
    return new SafetensorsException(
        "%s: tensor \"%s\" has type %s where %s is needed".formatted(path, name, type, wanted));
  }
}
