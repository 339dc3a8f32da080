package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes what {@link WireReader} reads, into little-endian buffers. */
public final class WireWriter {

  private WireWriter() {}

  /** Bytes that {@link #text} writes. */
  public static int length(String text) {
    return Integer.BYTES + text.getBytes(StandardCharsets.UTF_8).length;
  }

  public static void text(ByteBuffer into, String text) {
    bytes(into, text.getBytes(StandardCharsets.UTF_8));
  }

  public static void bytes(ByteBuffer into, byte[] values) {
    into.putInt(values.length).put(values);
  }

  public static void shorts(ByteBuffer into, short[] values) {
    into.putInt(values.length).asShortBuffer().put(values);
    into.position(into.position() + values.length * Short.BYTES);
  }

  public static void integers(ByteBuffer into, int[] values) {
    into.putInt(values.length).asIntBuffer().put(values);
    into.position(into.position() + values.length * Integer.BYTES);
  }

  public static void wholes(ByteBuffer into, long[] values) {
    into.putInt(values.length).asLongBuffer().put(values);
    into.position(into.position() + values.length * Long.BYTES);
  }

  public static void floats(ByteBuffer into, float[] values) {
    into.putInt(values.length).asFloatBuffer().put(values);
    into.position(into.position() + values.length * Float.BYTES);
  }
}
