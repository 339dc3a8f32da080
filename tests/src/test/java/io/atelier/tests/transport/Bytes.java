package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.WeightCodec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Bytes that travel as they are, named by a checksum. */
class Bytes implements WeightCodec<byte[]> {
  static final Bytes CODEC = new Bytes();
  static final BlobKind<byte[]> KIND = new BlobKind<>(byte[].class, CODEC);

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  /** Some megabytes at once; which byte is another one is looked for when one is. */
  static void assertSame(byte[] expected, byte[] actual) {
    if (!Arrays.equals(expected, actual)) {
      assertArrayEquals(expected, actual);
    }
  }

  @Override
  public long length(byte[] value) {
    return value.length;
  }

  @Override
  public void encode(byte[] value, ByteBuffer into) {
    into.put(value);
  }

  @Override
  public byte[] decode(ByteBuffer from) {
    byte[] value = new byte[from.remaining()];
    from.get(value);
    return value;
  }

  @Override
  public String hash(byte[] value) {
    CRC32C checksum = new CRC32C();
    checksum.update(value);
    return Long.toHexString(checksum.getValue());
  }
}
