package io.atelier.models.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

  @TempDir Path folder;

  private SafetensorsFile file(String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(json.length).put(json);
    return open(all.array());
  }

  private SafetensorsFile open(byte[] content) {
    try {
      return SafetensorsFile.open(Files.write(folder.resolve("case.safetensors"), content));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void fails(String header, int dataBytes, String... told) {
    String message =
        assertThrows(SafetensorsException.class, () -> file(header, dataBytes)).getMessage();
    assertTrue(message.contains("case.safetensors"), message);
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
  }

  private static String tensor(String name, String type, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, type, shape, begin, end);
  }

  @Test
  void shouldReadBackWhatWasWritten() {
    float[] floats = {1.5f, -0f, Float.MIN_VALUE, Float.NaN, 3, 4};
    long[] longs = {Long.MIN_VALUE, 7};
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .metadata(Map.of("format", "pt", "größe", "\"3\"\n"))
        .add("w", new long[] {2, 3}, floats)
        .add("ids", new long[] {2}, longs)
        .add("scalar", new long[0], new float[] {9})
        .add("empty", new long[] {0, 4}, new float[0])
        .add("pixels", DType.U8, new long[] {3}, ByteBuffer.wrap(new byte[] {1, -1, 3}))
        .write(file);

    SafetensorsFile read = SafetensorsFile.open(file);
    assertEquals(List.of("empty", "ids", "pixels", "scalar", "w"), List.copyOf(read.names()));
    assertEquals(Map.of("format", "pt", "größe", "\"3\"\n"), read.metadata());
    assertArrayEquals(floats, read.floats("w"));
    assertArrayEquals(new long[] {2, 3}, read.info("w").shape());
    assertArrayEquals(longs, read.longs("ids"));
    assertArrayEquals(new float[] {9}, read.floats("scalar"));
    assertArrayEquals(new float[0], read.floats("empty"));
    ByteBuffer pixels = read.bytes("pixels");
    assertEquals(-1, pixels.get(1));
    assertTrue(pixels.isDirect());
    assertEquals(ByteOrder.LITTLE_ENDIAN, pixels.order());
    assertThrows(ReadOnlyBufferException.class, () -> pixels.put(0, (byte) 0));
  }

  @Test
  void shouldLayOutTypesDescendingThenNamesAndPadTheHeader() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .add("u", DType.U8, new long[] {1}, ByteBuffer.allocate(1))
        .add("b", new long[] {1}, new float[1])
        .add("h", DType.F16, new long[] {1}, ByteBuffer.allocate(2))
        .add("a", new long[] {1}, new float[1])
        .add("z", new long[] {1}, new long[1])
        .add("bf", DType.BF16, new long[] {1}, ByteBuffer.allocate(2))
        .write(file);
    byte[] bytes = Files.readAllBytes(file);
    String expected =
        "{"
            + String.join(
                ",",
                tensor("z", "I64", "[1]", 0, 8),
                tensor("a", "F32", "[1]", 8, 12),
                tensor("b", "F32", "[1]", 12, 16),
                tensor("bf", "BF16", "[1]", 16, 18),
                tensor("h", "F16", "[1]", 18, 20),
                tensor("u", "U8", "[1]", 20, 21))
            + "}";
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
    assertEquals(expected, header.stripTrailing());
    assertEquals(0, length % 8);
    assertEquals(8 + length + 21, bytes.length);
  }

  @Test
  void shouldConvertEveryHalfAndBfloatExactly() {
    ByteBuffer all = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      all.putShort((short) i);
    }
    Path file = folder.resolve("h.safetensors");
    new SafetensorsWriter()
        .add("half", DType.F16, new long[] {1 << 16}, all.flip())
        .add("bfloat", DType.BF16, new long[] {1 << 16}, all)
        .write(file);
    float[] halves = SafetensorsFile.open(file).floats("half");
    float[] bfloats = SafetensorsFile.open(file).floats("bfloat");
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      double fraction = bits & 1023;
      double sign = bits < 1 << 15 ? 1 : -1;
      if (exponent == 31) {
        assertEquals(fraction == 0 ? sign / 0 : Double.NaN, halves[bits]);
      } else {
        double value = exponent == 0 ? fraction / 1024 : 1 + fraction / 1024;
        assertEquals(sign * value * Math.pow(2, Math.max(exponent, 1) - 15), halves[bits]);
      }
      assertEquals(bits << 16, Float.floatToRawIntBits(bfloats[bits]));
    }
  }

  @Test
  void shouldRefuseHeadersThatCannotBeTrue() {
    String good = tensor("w", "F32", "[2,3]", 0, 24);
    assertEquals(24, file("{" + good + "}  ", 24).info("w").bytes());
    fails("{" + good + "}", 23, "\"w\"", "offset 24", "23 bytes");
    fails("{" + good + "}", 25, "25 bytes", "offset 24");
    fails("{" + good + "," + good + "}", 24, "w", "uplicate");
    fails("{" + tensor("w", "F32", "[2,4]", 0, 24) + "}", 24, "\"w\"", "[2, 4]", "32", "24");
    fails("{" + tensor("w", "F32", "[1]", 8, 4) + "}", 8, "\"w\"", "begins at offset 8");
    fails("{" + tensor("w", "F32", "[1]", -4, 0) + "}", 8, "\"w\"", "negative");
    fails("{" + tensor("w", "F32", "[-1,-1]", 0, 4) + "}", 4, "\"w\"", "negative");
    String overlap = tensor("v", "F32", "[2]", 20, 28);
    fails("{" + good + "," + overlap + "}", 28, "\"v\"", "offset 20", "within", "24");
    String later = tensor("v", "F32", "[1]", 28, 32);
    fails("{" + good + "," + later + "}", 32, "\"v\"", "offset 28", "hole", "24");
    String huge = "[4294967296,4294967296]";
    fails("{" + tensor("w", "F32", huge, 0, 24) + "}", 24, "\"w\"", "2^63");
    fails("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"w\"", "data_offsets");
    fails("{\"w\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "\"w\"");
    fails("{\"w\":{\"dtype\":\"F32\",\"more\":1}}", 4, "\"w\"", "more");
    fails("{\"w\":3}", 0, "\"w\"", "object");
    fails("{" + good + "}{}", 24, "after its end");
    fails("{" + good, 24, "JSON");
    fails("[]", 0, "not a JSON object");
    fails("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__", "string");
  }

  @Test
  void shouldCheckTheHeaderLengthBeforeAllocating() {
    ByteBuffer prefix = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (long length : new long[] {0, 9, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
      byte[] content = prefix.putLong(0, length).array();
      String message = assertThrows(SafetensorsException.class, () -> open(content)).getMessage();
      assertTrue(message.contains(Long.toUnsignedString(length) + " bytes"), message);
    }
    assertThrows(SafetensorsException.class, () -> open(new byte[7]));
    byte[] notUtf8 = prefix.putLong(0, 8).put(8, (byte) 0xff).array();
    assertThrows(SafetensorsException.class, () -> open(notUtf8));
    Path missing = folder.resolve("missing.safetensors");
    assertTrue(
        assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(missing))
            .getMessage()
            .contains("missing.safetensors does not exist"));
  }

  @Test
  void shouldRefuseOtherTypesOnlyWhenTheyAreRead() {
    SafetensorsFile file =
        file(
            "{%s,%s,%s}"
                .formatted(
                    tensor("a", "F64", "[1]", 0, 8),
                    tensor("b", "F4_NEW", "[3]", 8, 10),
                    tensor("c", "U8", "[1]", 10, 11)),
            11);
    assertEquals(1, file.bytes("c").remaining());
    for (String name : List.of("a", "b")) {
      String message =
          assertThrows(SafetensorsException.class, () -> file.bytes(name)).getMessage();
      assertTrue(message.contains("\"" + name + "\"") && message.contains("BF16"), message);
    }
    String message = assertThrows(SafetensorsException.class, () -> file.floats("c")).getMessage();
    assertTrue(message.contains("U8") && message.contains("F32"), message);
    fails("{" + tensor("a", "F64", "[2]", 0, 8) + "}", 8, "\"a\"");
  }

  @Test
  void shouldNameTheNearestTensorsWhenOneIsMissing() {
    SafetensorsFile file = file("{" + tensor("block.0.weight", "U8", "[1]", 0, 1) + "}", 1);
    String message =
        assertThrows(SafetensorsException.class, () -> file.info("block.0.weigth")).getMessage();
    assertTrue(message.contains("\"block.0.weigth\""), message);
    assertTrue(message.contains("block.0.weight"), message);
  }

  /** The file is sparse: 5 GiB long, but a few kilobytes on disk. */
  @Test
  void shouldMapFilesBeyondTwoGibibytes() throws IOException {
    long big = 3L << 30;
    long half = 1L << 30;
    String header =
        "{%s,%s,%s,%s}"
            .formatted(
                tensor("a", "U8", "[%d]".formatted(half), 0, half),
                tensor("b", "F32", "[%d]".formatted(half / 4), half, 2 * half),
                tensor("big", "U8", "[%d]".formatted(big), 2 * half, 2 * half + big),
                tensor("last", "F32", "[1]", 2 * half + big, 2 * half + big + 4));
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer head = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(json.length).put(json);
    Path path = folder.resolve("sparse.safetensors");
    long data = head.capacity();
    try (FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.write(head.flip());
      out.write(ByteBuffer.wrap(new byte[] {42}), data + half - 1);
      out.write(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3f}), data + 2 * half - 4);
      out.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 0x40}), data + 2 * half + big);
    }
    SafetensorsFile file = SafetensorsFile.open(path);
    assertEquals(42, file.bytes("a").get((int) half - 1));
    assertEquals(1f, file.bytes("b").getFloat((int) half - 4));
    assertArrayEquals(new float[] {2}, file.floats("last"));
    String message = assertThrows(SafetensorsException.class, () -> file.bytes("big")).getMessage();
    assertTrue(message.contains("\"big\"") && message.contains(Long.toString(big)), message);
  }

  @Test
  void shouldReadAShardedFolderLikeASingleFile() throws IOException {
    new SafetensorsWriter()
        .add("a", new long[] {1}, new float[] {1})
        .write(folder.resolve("model-00001-of-00002.safetensors"));
    new SafetensorsWriter()
        .add("b", new long[] {1}, new float[] {2})
        .write(folder.resolve("model-00002-of-00002.safetensors"));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        """
        {"metadata": {"total_size": 8}, "weight_map": {
          "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
        """);
    TensorSource source = TensorSource.open(folder, "model");
    assertEquals(List.of("a", "b"), List.copyOf(source.names()));
    assertArrayEquals(new float[] {2}, source.floats("b"));
    assertEquals("F32", source.info("a").dtype());
    String message = assertThrows(SafetensorsException.class, () -> source.bytes("c")).getMessage();
    assertTrue(message.contains(index.toString()), message);

    Files.writeString(index, "{\"weight_map\": {\"b\": \"model-00001-of-00002.safetensors\"}}");
    message =
        assertThrows(SafetensorsException.class, () -> SafetensorsIndex.open(index)).getMessage();
    assertTrue(message.contains("00001-of-00002") && message.contains("\"b\""), message);
    for (String outside : List.of("../x.safetensors", "/etc/x", "..", "")) {
      Files.writeString(index, "{\"weight_map\": {\"b\": \"%s\"}}".formatted(outside));
      message =
          assertThrows(SafetensorsException.class, () -> SafetensorsIndex.open(index)).getMessage();
      assertTrue(message.contains("not the name of a file"), message);
    }
    assertThrows(SafetensorsException.class, () -> TensorSource.open(folder, "absent"));
  }

  @Test
  void shouldLeaveTheOldFileWhenWritingFails() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter().add("w", new long[] {1}, new float[] {1}).write(file);
    SafetensorsWriter second = new SafetensorsWriter().add("w", new long[] {1}, new float[] {2});
    second.write(file);
    assertArrayEquals(new float[] {2}, SafetensorsFile.open(file).floats("w"));
    try (var entries = Files.list(folder)) {
      assertEquals(List.of(file), entries.toList());
    }
    Path nowhere = folder.resolve("no/such/folder/a.safetensors");
    assertTrue(
        assertThrows(SafetensorsException.class, () -> second.write(nowhere))
            .getMessage()
            .contains(nowhere.toString()));
    assertThrows(
        SafetensorsException.class, () -> second.add("w", new long[] {1}, new float[] {1}));
    assertThrows(
        SafetensorsException.class, () -> second.add("x", new long[] {2}, new float[] {1}));
  }
}
