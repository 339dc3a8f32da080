package io.atelier.actors.run.metrics;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file: TFRecord frames around {@code tensorflow.Event} messages. A frame is
 * the length (8 bytes, little-endian), its masked CRC32C, the message and its masked CRC32C.
 */
public final class EventFile implements AutoCloseable {

  private static final int MASK_DELTA = 0xa282ead8;
  private static final int DT_STRING = 7;
  private static final int SESSION_START = 1;

  private final Path file;
  private final Clock clock;
  private final FileChannel out;

  private EventFile(Path file, Clock clock, FileChannel out) {
    this.file = file;
    this.clock = clock;
    this.out = out;
  }

  /**
   * Starts a new file in {@code folder}.
   *
   * @param firstStep first step of this file; TensorBoard purges events of earlier files at or
   *     after it
   */
  public static EventFile start(Path folder, Clock clock, int firstStep) {
    long seconds = clock.epochMillis() / 1000;
    try {
      Files.createDirectories(folder);
      for (int i = 0; ; i++) {
        Path file =
            folder.resolve(
                String.format(Locale.ROOT, "events.out.tfevents.%d.atelier.%d", seconds, i));
        try {
          FileChannel out =
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          EventFile events = new EventFile(file, clock, out);
          events.write(events.event(0).text(3, "brain.Event:2"));
          events.write(events.event(firstStep).message(7, new Protobuf().varint(1, SESSION_START)));
          return events;
        } catch (FileAlreadyExistsException e) {
          // resumed within a second: try the next number
        }
      }
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
  }

  /** Adds a point to each curve; values that are not finite are left out. */
  public void scalars(int step, Map<String, Double> values) {
    Protobuf summary = new Protobuf();
    values.forEach(
        (tag, value) -> {
          if (Double.isFinite(value)) {
            summary.message(1, new Protobuf().text(1, tag).decimal(2, (float) (double) value));
          }
        });
    write(event(step).message(5, summary));
  }

  /**
   * Adds a picture.
   *
   * @param png the encoded picture
   */
  public void image(int step, String tag, int height, int width, byte[] png) {
    Protobuf image = new Protobuf().varint(1, height).varint(2, width).varint(3, 3).bytes(4, png);
    Protobuf value = new Protobuf().text(1, tag).message(4, image);
    write(event(step).message(5, new Protobuf().message(1, value)));
  }

  /** Adds a text, which TensorBoard renders as Markdown. */
  public void text(int step, String tag, String markdown) {
    Protobuf one = new Protobuf().message(2, new Protobuf().varint(1, 1));
    Protobuf tensor =
        new Protobuf()
            .varint(1, DT_STRING)
            .message(2, one)
            .bytes(8, markdown.getBytes(StandardCharsets.UTF_8));
    Protobuf plugin = new Protobuf().message(1, new Protobuf().text(1, "text"));
    Protobuf value = new Protobuf().text(1, tag).message(9, plugin).message(8, tensor);
    write(event(step).message(5, new Protobuf().message(1, value)));
  }

  private Protobuf event(int step) {
    return new Protobuf().decimal(1, clock.epochMillis() / 1000.0).varint(2, step);
  }

  private void write(Protobuf event) {
    byte[] message = event.toBytes();
    ByteBuffer frame =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + message.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(message.length);
    frame.putInt(maskedCrc(frame.array(), Long.BYTES));
    frame.put(message);
    frame.putInt(maskedCrc(message, message.length));
    frame.flip();
    Durable.append(out, frame, file);
  }

  /**
   * CRC32C rotated and offset by a constant, so that a CRC over data that contains CRCs stays
   * sound.
   */
  static int maskedCrc(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
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
