package io.atelier.actors.wire;

import static java.util.Map.entry;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Numbers, text, durations and arrays of numbers. */
final class ScalarCodecs {

  /** By type; boxed ones for the elements of containers. */
  static final Map<Class<?>, ValueCodec> BY_TYPE =
      Map.ofEntries(
          entry(boolean.class, codec(Output::writeBoolean, ScalarCodecs::readBoolean)),
          entry(Boolean.class, codec(Output::writeBoolean, ScalarCodecs::readBoolean)),
          entry(int.class, codec(ScalarCodecs::writeInt, in -> in.readVarInt(false))),
          entry(Integer.class, codec(ScalarCodecs::writeInt, in -> in.readVarInt(false))),
          entry(long.class, codec(ScalarCodecs::writeLong, in -> in.readVarLong(false))),
          entry(Long.class, codec(ScalarCodecs::writeLong, in -> in.readVarLong(false))),
          entry(float.class, codec(Output::writeFloat, BoundedInput::readFloat)),
          entry(Float.class, codec(Output::writeFloat, BoundedInput::readFloat)),
          entry(double.class, codec(Output::writeDouble, BoundedInput::readDouble)),
          entry(Double.class, codec(Output::writeDouble, BoundedInput::readDouble)),
          entry(String.class, codec(ScalarCodecs::writeText, ScalarCodecs::readText)),
          entry(Duration.class, codec(ScalarCodecs::writeDuration, ScalarCodecs::readDuration)),
          entry(
              byte[].class,
              ScalarCodecs.<byte[]>codec(
                  (out, bytes) -> {
                    out.writeVarInt(bytes.length, true);
                    out.writeBytes(bytes);
                  },
                  in -> in.readBytes(in.readCount(Byte.BYTES)))),
          entry(
              int[].class,
              ScalarCodecs.<int[]>codec(
                  (out, ints) -> {
                    out.writeVarInt(ints.length, true);
                    out.writeInts(ints, 0, ints.length);
                  },
                  in -> in.readInts(in.readCount(Integer.BYTES)))),
          entry(
              long[].class,
              ScalarCodecs.<long[]>codec(
                  (out, longs) -> {
                    out.writeVarInt(longs.length, true);
                    out.writeLongs(longs, 0, longs.length);
                  },
                  in -> in.readLongs(in.readCount(Long.BYTES)))),
          entry(
              float[].class,
              ScalarCodecs.<float[]>codec(
                  (out, floats) -> {
                    out.writeVarInt(floats.length, true);
                    out.writeFloats(floats, 0, floats.length);
                  },
                  in -> in.readFloats(in.readCount(Float.BYTES)))),
          entry(
              double[].class,
              ScalarCodecs.<double[]>codec(
                  (out, doubles) -> {
                    out.writeVarInt(doubles.length, true);
                    out.writeDoubles(doubles, 0, doubles.length);
                  },
                  in -> in.readDoubles(in.readCount(Double.BYTES)))));

  private ScalarCodecs() {}

  /** A codec that needs no Kryo. */
  static <T> ValueCodec codec(BiConsumer<Output, T> writer, Function<BoundedInput, T> reader) {
    return new ValueCodec() {
      @Override
      @SuppressWarnings("unchecked")
      public void write(Kryo kryo, Output output, Object value) {
        writer.accept(output, (T) value);
      }

      @Override
      public Object read(Kryo kryo, BoundedInput input) {
        return reader.apply(input);
      }
    };
  }

  static boolean readBoolean(BoundedInput input) {
    byte value = input.readByte();
    if (value < 0 || value > 1) {
      throw new WireException("boolean %d: neither 0 nor 1".formatted(value));
    }
    return value == 1;
  }

  private static void writeInt(Output output, int value) {
    output.writeVarInt(value, false);
  }

  private static void writeLong(Output output, long value) {
    output.writeVarLong(value, false);
  }

  /** Text that is not Unicode is refused: a replacement character would be another text. */
  static void writeText(Output output, String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      output.writeVarInt(bytes.remaining(), true);
      output.writeBytes(bytes.array(), 0, bytes.remaining());
    } catch (CharacterCodingException e) {
      throw new WireException("text with half a surrogate pair: \"%s\"".formatted(text), e);
    }
  }

  static String readText(BoundedInput input) {
    byte[] bytes = input.readBytes(input.readCount(Byte.BYTES));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new WireException("text of %d bytes is not UTF-8".formatted(bytes.length), e);
    }
  }

  private static void writeDuration(Output output, Duration duration) {
    output.writeVarLong(duration.getSeconds(), false);
    output.writeVarInt(duration.getNano(), true);
  }

  private static Duration readDuration(BoundedInput input) {
    long seconds = input.readVarLong(false);
    int nanos = input.readVarInt(true);
    if (nanos < 0 || nanos >= 1_000_000_000) {
      throw new WireException(
          "duration with %s nanoseconds beside its seconds"
              .formatted(Integer.toUnsignedString(nanos)));
    }
    return Duration.ofSeconds(seconds, nanos);
  }
}
