package io.atelier.actors.run.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.port.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanos() {
          return 0;
        }

        @Override
        public long epochMillis() {
          return 1_500_000_000_250L;
        }
      };

  @TempDir Path folder;

  /** Fields of a message by number; a varint or fixed value is a Long, the rest are bytes. */
  private static Map<Integer, List<Object>> fields(byte[] message) {
    Map<Integer, List<Object>> fields = new HashMap<>();
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) (tag & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> (long) in.getInt();
            default -> throw new AssertionError("wire type of tag " + tag);
          };
      fields.computeIfAbsent((int) (tag >> 3), key -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static byte[] bytes(Map<Integer, List<Object>> fields, int number) {
    return (byte[]) fields.get(number).get(0);
  }

  private static String text(Map<Integer, List<Object>> fields, int number) {
    return new String(bytes(fields, number), StandardCharsets.UTF_8);
  }

  /** All events of the only file, after checking every frame. */
  private List<Map<Integer, List<Object>>> events() throws IOException {
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.reduce((a, b) -> a.compareTo(b) > 0 ? a : b).orElseThrow();
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<Integer, List<Object>>> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertEquals(EventFile.maskedCrc(length, 8), in.getInt());
      byte[] message = new byte[(int) ByteBuffer.wrap(length).order(in.order()).getLong()];
      in.get(message);
      assertEquals(EventFile.maskedCrc(message, message.length), in.getInt());
      events.add(fields(message));
    }
    return events;
  }

  @Test
  void shouldMaskCrcAsTensorFlowDoes() {
    // the check value of CRC32C is e3069283
    byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);
    int expected = (int) ((0xe3069283L >>> 15 | 0xe3069283L << 17) + 0xa282ead8L);
    assertEquals(expected, EventFile.maskedCrc(check, 9));
  }

  @Test
  void shouldBeginWithVersionAndStart() throws IOException {
    EventFile.start(folder, CLOCK, 40).close();
    List<Map<Integer, List<Object>>> events = events();
    assertEquals(2, events.size());
    assertEquals("brain.Event:2", text(events.get(0), 3));
    assertEquals(
        Double.doubleToLongBits(1_500_000_000.25), events.get(0).get(1).get(0), "wall time");
    assertEquals(40L, events.get(1).get(2).get(0));
    assertEquals(1L, fields(bytes(events.get(1), 7)).get(1).get(0));
  }

  @Test
  void shouldHoldScalarsThatAreFinite() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("reward/total", 0.75);
    values.put("policy/broken", Double.NaN);
    values.put("critic/accuracy", 0.5);
    try (EventFile file = EventFile.start(folder, CLOCK, 0)) {
      file.scalars(300, values);
    }
    Map<Integer, List<Object>> event = events().get(2);
    assertEquals(300L, event.get(2).get(0));
    List<Object> written = fields(bytes(event, 5)).get(1);
    assertEquals(2, written.size());
    Map<Integer, List<Object>> first = fields((byte[]) written.get(0));
    assertEquals("reward/total", text(first, 1));
    assertEquals(0.75f, Float.intBitsToFloat((int) (long) (Long) first.get(2).get(0)));
    assertEquals("critic/accuracy", text(fields((byte[]) written.get(1)), 1));
  }

  @Test
  void shouldHoldImagesAndTexts() throws IOException {
    byte[] png = {1, 2, 3};
    try (EventFile file = EventFile.start(folder, CLOCK, 0)) {
      file.image(7, "samples", 20, 30, png);
      file.text(0, "config", "run.steps = 3");
    }
    Map<Integer, List<Object>> value = fields(bytes(fields(bytes(events().get(2), 5)), 1));
    assertEquals("samples", text(value, 1));
    Map<Integer, List<Object>> image = fields(bytes(value, 4));
    assertEquals(20L, image.get(1).get(0));
    assertEquals(30L, image.get(2).get(0));
    assertArrayEquals(png, bytes(image, 4));
    Map<Integer, List<Object>> note = fields(bytes(fields(bytes(events().get(3), 5)), 1));
    Map<Integer, List<Object>> tensor = fields(bytes(note, 8));
    assertEquals(7L, tensor.get(1).get(0));
    assertEquals("run.steps = 3", text(tensor, 8));
    assertEquals("text", text(fields(bytes(fields(bytes(note, 9)), 1)), 1));
  }

  @Test
  void shouldStartAnotherFileWithinTheSameSecond() throws IOException {
    EventFile.start(folder, CLOCK, 0).close();
    EventFile.start(folder, CLOCK, 0).close();
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.allMatch(file -> file.toString().contains("tfevents")));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }
}
