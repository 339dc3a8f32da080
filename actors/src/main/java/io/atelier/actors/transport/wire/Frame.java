package io.atelier.actors.transport.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.atelier.actors.transport.metrics.Tally;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One message of the data plane as it lies in one Aeron fragment: a header of {@value #HEADER}
 * bytes, then the payload. A chunk says where it belongs, so order, loss and duplicates do not
 * matter. For one thread; what it shows is valid until the next {@link #read}.
 *
 * <pre>
 *  0  magic and protocol version      24  transfer: number of the pull, or the version broadcast
 *  4  type                            32  first byte of the chunk within its resource
 *  8  token of the run                40  CRC32C of the payload
 * 16  session: who it is meant for,   44  CRC32C of the bytes before this one
 *     or whose broadcast it is        48  payload
 * 20  bytes of the payload
 * </pre>
 */
public final class Frame {
  public static final int HEADER = 48;

  private static final int MAGIC = 0x314C5441; // "ATL1"
  private static final int TYPE = 4;
  private static final int TOKEN = 8;
  private static final int SESSION = 16;
  private static final int LENGTH = 20;
  private static final int TRANSFER = 24;
  private static final int POSITION = 32;
  private static final int PAYLOAD_CRC = 40;
  private static final int HEADER_CRC = 44;

  /** What a frame says. */
  public enum Type {
    /** Send me chunks of a resource, and its description if I say so. */
    REQUEST,
    DESCRIPTION,
    /** There is no such resource. */
    MISSING,
    CHUNK,
    /** Let go of a blob. */
    RELEASE,
    /** Tell me about a weight stream. */
    FOLLOW,
    /** The versions of a weight stream. */
    ANNOUNCE;

    private static final Type[] ALL = values();

    /** Whether it need not come by a log buffer: what is in order only with others of its kind. */
    public boolean lands() {
      return this == CHUNK || this == DESCRIPTION;
    }
  }

  private final Checksum checksum = new Checksum();
  private final UnsafeBuffer header = new UnsafeBuffer(new byte[HEADER]);
  private DirectBuffer buffer = header;
  private int start;
  private DirectBuffer payload = header;
  private int payloadStart;
  private int payloadLength;
  private Type type = Type.MISSING;

  /** Writes a header; the payload is written by the caller, {@link #HEADER} bytes later. */
  public void write(
      MutableDirectBuffer into,
      int offset,
      Type type,
      long token,
      int session,
      long transfer,
      long position,
      int payloadLength,
      int payloadCrc) {
    header.putInt(0, MAGIC, LITTLE_ENDIAN);
    header.putInt(TYPE, type.ordinal(), LITTLE_ENDIAN);
    header.putLong(TOKEN, token, LITTLE_ENDIAN);
    header.putInt(SESSION, session, LITTLE_ENDIAN);
    header.putInt(LENGTH, payloadLength, LITTLE_ENDIAN);
    header.putLong(TRANSFER, transfer, LITTLE_ENDIAN);
    header.putLong(POSITION, position, LITTLE_ENDIAN);
    header.putInt(PAYLOAD_CRC, payloadCrc, LITTLE_ENDIAN);
    header.putInt(HEADER_CRC, checksum.of(header, 0, HEADER_CRC), LITTLE_ENDIAN);
    into.putBytes(offset, header, 0, HEADER);
  }

  /**
   * Looks at a fragment. With {@link Tally#REFUSED_CORRUPT} the header is whole, and can be read.
   *
   * @return why it is refused, or empty
   */
  public Optional<Tally> read(DirectBuffer from, int offset, int length, long token, int session) {
    return read(from, offset, from, offset + HEADER, length, token, session);
  }

  /** The same with what came in a datagram. */
  public Optional<Tally> read(Datagram from, long token, int session) {
    return read(
        from.header(),
        from.headerAt(),
        from.payload(),
        from.payloadAt(),
        from.length(),
        token,
        session);
  }

  private Optional<Tally> read(
      DirectBuffer from,
      int offset,
      DirectBuffer payloadFrom,
      int payloadOffset,
      int length,
      long token,
      int session) {
    buffer = from;
    start = offset;
    payload = payloadFrom;
    payloadStart = payloadOffset;
    if (length < HEADER
        || from.getInt(offset, LITTLE_ENDIAN) != MAGIC
        || from.getInt(offset + HEADER_CRC, LITTLE_ENDIAN)
            != checksum.of(from, offset, HEADER_CRC)) {
      return Optional.of(Tally.REFUSED_MALFORMED);
    }
    if (from.getLong(offset + TOKEN, LITTLE_ENDIAN) != token) {
      return Optional.of(Tally.REFUSED_TOKEN);
    }
    if (from.getInt(offset + SESSION, LITTLE_ENDIAN) != session) {
      return Optional.of(Tally.REFUSED_SESSION);
    }
    int ordinal = from.getInt(offset + TYPE, LITTLE_ENDIAN);
    payloadLength = from.getInt(offset + LENGTH, LITTLE_ENDIAN);
    if (ordinal < 0 || ordinal >= Type.ALL.length || payloadLength != length - HEADER) {
      return Optional.of(Tally.REFUSED_MALFORMED);
    }
    type = Type.ALL[ordinal];
    int crc = from.getInt(offset + PAYLOAD_CRC, LITTLE_ENDIAN);
    return crc == checksum.of(payload, payloadStart, payloadLength)
        ? Optional.empty()
        : Optional.of(Tally.REFUSED_CORRUPT);
  }

  public Type type() {
    return type;
  }

  public long transfer() {
    return buffer.getLong(start + TRANSFER, LITTLE_ENDIAN);
  }

  public long position() {
    return buffer.getLong(start + POSITION, LITTLE_ENDIAN);
  }

  public int payloadLength() {
    return payloadLength;
  }

  /** Copies the payload, if it is not there already: whether it is. */
  public boolean copyPayload(MutableDirectBuffer into, int offset) {
    boolean there =
        into.byteArray() == payload.byteArray()
            && into.addressOffset() + offset == payload.addressOffset() + payloadStart;
    if (!there) {
      into.putBytes(offset, payload, payloadStart, payloadLength);
    }
    return there;
  }

  /** The payload as a copy, for messages, which are small. */
  public WireReader payload() {
    byte[] copy = new byte[payloadLength];
    payload.getBytes(payloadStart, copy);
    return new WireReader(ByteBuffer.wrap(copy), type.name());
  }
}
