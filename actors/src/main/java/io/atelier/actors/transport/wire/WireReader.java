package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads bytes that may be damaged: a length is compared with the bytes that are left before memory
 * is taken for it. Every method throws {@link MalformedException} if the bytes do not suffice.
 */
public final class WireReader {
  private final ByteBuffer buffer;
  private final String what;

  /**
   * @param buffer its bytes from position to limit; not changed
   * @param what for errors, such as {@code trajectory}
   */
  public WireReader(ByteBuffer buffer, String what) {
    this.buffer = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.what = what;
  }

  public byte one() {
    need(1, Byte.BYTES);
    return buffer.get();
  }

  public int integer() {
    need(1, Integer.BYTES);
    return buffer.getInt();
  }

  public long whole() {
    need(1, Long.BYTES);
    return buffer.getLong();
  }

  /** The first byte of a format; only {@code known} is accepted. */
  public void format(byte known) {
    byte found = one();
    if (found != known) {
      throw malformed("format " + found + " is unknown, only " + known + " is known");
    }
  }

  /** A count of elements of {@code width} bytes or more, all of which are still to come. */
  public int count(int width) {
    int count = integer();
    need(count, width);
    return count;
  }

  public byte[] bytes() {
    byte[] values = new byte[count(Byte.BYTES)];
    buffer.get(values);
    return values;
  }

  public short[] shorts() {
    short[] values = new short[count(Short.BYTES)];
    buffer.asShortBuffer().get(values);
    return skip(values, (long) values.length * Short.BYTES);
  }

  public int[] integers() {
    int[] values = new int[count(Integer.BYTES)];
    buffer.asIntBuffer().get(values);
    return skip(values, (long) values.length * Integer.BYTES);
  }

  public long[] wholes() {
    long[] values = new long[count(Long.BYTES)];
    buffer.asLongBuffer().get(values);
    return skip(values, (long) values.length * Long.BYTES);
  }

  public float[] floats() {
    float[] values = new float[count(Float.BYTES)];
    buffer.asFloatBuffer().get(values);
    return skip(values, (long) values.length * Float.BYTES);
  }

  /** A string of at most {@code limit} bytes of UTF-8, as it is. */
  public String text(int limit) {
    int at = buffer.position();
    int length = count(Byte.BYTES);
    if (length > limit) {
      throw malformed("a text of %d bytes at %d, at most %d".formatted(length, at, limit));
    }
    byte[] utf8 = new byte[length];
    buffer.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Refuses bytes that are left over. */
  public void end() {
    if (buffer.hasRemaining()) {
      throw malformed(buffer.remaining() + " bytes are left over");
    }
  }

  public MalformedException malformed(String why) {
    return new MalformedException("malformed " + what + ": " + why);
  }

  private void need(int count, int width) {
    if (count < 0 || (long) count * width > buffer.remaining()) {
      throw malformed(
          "%d values of %d bytes at %d, but %d bytes are left"
              .formatted(count, width, buffer.position(), buffer.remaining()));
    }
  }

  private <A> A skip(A values, long bytes) {
    buffer.position(buffer.position() + (int) bytes);
    return values;
  }
}
