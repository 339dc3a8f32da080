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
 * bytes, then the payload, which is encrypted. A chunk says where it belongs, so order, loss and
 * duplicates do not matter. For one thread; what it shows is valid until the next {@link #read} of
 * any frame that has the same {@link Opener}.
 *
 * <pre>
 *  0  magic and protocol version      24  number of the frame, in the order of its sender
 *  4  type                            32  transfer: number of the pull, or the version broadcast
 *  8  which key of a run it is        40  first byte of the chunk within its resource
 * 12  session: who it is meant for,   48  tag of all other bytes, and of its {@link Audience}
 *     or whose broadcast it is        64  payload
 * 16  number of the sender
 * </pre>
 */
public final class Frame {
  public static final int HEADER = 64;

  private static final int MAGIC = 0x324C5441; // "ATL2"
  private static final int TYPE = 4;
  private static final int KEY = 8;
  private static final int SESSION = 12;
  private static final int SENDER = 16;
  private static final int NUMBER = 24;
  private static final int TRANSFER = 32;
  private static final int POSITION = 40;
  static final int TAG = 48;

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

  private final UnsafeBuffer header = new UnsafeBuffer(new byte[HEADER]);
  private final UnsafeBuffer payload = new UnsafeBuffer(0, 0);
  private DirectBuffer buffer = header;
  private int start;
  private Type type = Type.MISSING;

  /**
   * Writes a frame.
   *
   * @param payload may be where it is to be in the frame, {@link #HEADER} bytes behind its begin
   */
  public void write(
      MutableDirectBuffer into,
      int offset,
      Type type,
      Sealer sealer,
      Audience audience,
      long transfer,
      long position,
      DirectBuffer payload,
      int payloadOffset,
      int payloadLength) {
    long number = sealer.next();
    header.putInt(0, MAGIC, LITTLE_ENDIAN);
    header.putInt(TYPE, type.ordinal(), LITTLE_ENDIAN);
    header.putInt(KEY, sealer.keyId(), LITTLE_ENDIAN);
    header.putInt(SESSION, audience.session(), LITTLE_ENDIAN);
    header.putLong(SENDER, sealer.sender(), LITTLE_ENDIAN);
    header.putLong(NUMBER, number, LITTLE_ENDIAN);
    header.putLong(TRANSFER, transfer, LITTLE_ENDIAN);
    header.putLong(POSITION, position, LITTLE_ENDIAN);
    into.putBytes(offset, header, 0, TAG);
    sealer.seal(into, offset, audience, number, payload, payloadOffset, payloadLength);
  }

  /**
   * Looks at a fragment.
   *
   * @return why it is refused, or empty
   */
  public Optional<Tally> read(
      DirectBuffer from, int offset, int length, Opener opener, Audience audience) {
    buffer = from;
    start = offset;
    if (length < HEADER || from.getInt(offset, LITTLE_ENDIAN) != MAGIC) {
      return Optional.of(Tally.REFUSED_MALFORMED);
    }
    if (from.getInt(offset + KEY, LITTLE_ENDIAN) != opener.keyId()) {
      return Optional.of(Tally.REFUSED_KEY);
    }
    if (from.getInt(offset + SESSION, LITTLE_ENDIAN) != audience.session()) {
      return Optional.of(Tally.REFUSED_SESSION);
    }
    int ordinal = from.getInt(offset + TYPE, LITTLE_ENDIAN);
    if (ordinal < 0 || ordinal >= Type.ALL.length) {
      return Optional.of(Tally.REFUSED_MALFORMED);
    }
    type = Type.ALL[ordinal];
    Optional<Tally> refusal =
        opener.open(
            from,
            offset,
            length - HEADER,
            audience,
            from.getLong(offset + SENDER, LITTLE_ENDIAN),
            from.getLong(offset + NUMBER, LITTLE_ENDIAN),
            !type.lands());
    payload.wrap(opener.plain(), 0, length - HEADER);
    return refusal;
  }

  /** Whether a fragment says that it is one that need not come by a log buffer. */
  public static boolean lands(DirectBuffer from, int offset, int length) {
    int ordinal = length < HEADER ? -1 : from.getInt(offset + TYPE, LITTLE_ENDIAN);
    return ordinal >= 0 && ordinal < Type.ALL.length && Type.ALL[ordinal].lands();
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
    return payload.capacity();
  }

  /** Copies the payload. */
  public void copyPayload(MutableDirectBuffer into, int offset) {
    into.putBytes(offset, payload, 0, payload.capacity());
  }

  /** The payload as a copy, for messages, which are small. */
  public WireReader payload() {
    byte[] copy = new byte[payload.capacity()];
    payload.getBytes(0, copy);
    return new WireReader(ByteBuffer.wrap(copy), type.name());
  }
}
