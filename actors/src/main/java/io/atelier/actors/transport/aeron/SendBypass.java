package io.atelier.actors.transport.aeron;

import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;
import static io.aeron.protocol.DataHeaderFlyweight.RESERVED_VALUE_OFFSET;
import static io.aeron.protocol.DataHeaderFlyweight.SESSION_ID_FIELD_OFFSET;
import static io.aeron.protocol.HeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.HeaderFlyweight;
import io.atelier.actors.transport.wire.Chunk;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Frame;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.BitUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Chunks whose payloads bypass the log buffer of their publication. A short frame is there for
 * each, by which Aeron gives it a position, does flow control and retransmits it; the chunk is put
 * into the datagram when that is sent. So the payload is not written to memory on its way to the
 * network, nor are log buffers of its size zeroed. For one thread, that of the driver.
 *
 * <pre>
 * log buffer  Aeron's header | number of the chunk, nothing up to the length of the frame
 * datagram    Aeron's header | {@link Frame} with the payload
 * </pre>
 *
 * Both headers are the same, and their reserved field is {@link #MARK}.
 */
public final class SendBypass {

  /** What Aeron's header says of a chunk whose payload is not in the log buffer: "ATLAPART". */
  static final long MARK = 0x5452_4150_414C_5441L;

  /** Largest datagram. */
  private static final int DATAGRAM_BYTES = 1 << 16;

  private final LogSizes sizes;
  private final Int2ObjectHashMap<Connection> connections = new Int2ObjectHashMap<>();
  private final ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
  private final UnsafeBuffer bytes = new UnsafeBuffer(datagram);
  private final UnsafeBuffer written = new UnsafeBuffer(0, 0);
  private final Frame frame = new Frame();

  /** Chunks written to one publication, as long as they may be retransmitted. */
  final class Connection implements AutoCloseable {
    private final int session;
    private final Chunk[] chunks = new Chunk[sizes.remembered()];
    private long last;

    private Connection(int session) {
      this.session = session;
    }

    /** Length of the payload of a frame in the log buffer. */
    int length() {
      return sizes.frame() - HEADER_LENGTH;
    }

    /** Writes the payload of a frame in the log buffer, whose reserved value is to be the mark. */
    void write(Chunk chunk, MutableDirectBuffer into, int at) {
      last++;
      chunks[index(last)] = chunk;
      into.putLong(at, last, LITTLE_ENDIAN);
    }

    private int index(long number) {
      return (int) (number % chunks.length);
    }

    private Chunk find(long number) {
      return number > last - chunks.length && number <= last ? chunks[index(number)] : null;
    }

    /** Sends no more chunks of this content. */
    void forget(Content content) {
      for (int i = 0; i < chunks.length; i++) {
        if (chunks[i] != null && chunks[i].content() == content) {
          chunks[i] = null;
        }
      }
    }

    @Override
    public void close() {
      connections.remove(session);
      Arrays.fill(chunks, null);
    }
  }

  public SendBypass(LogSizes sizes) {
    this.sizes = sizes;
  }

  /**
   * @param session Aeron's, of the publication
   */
  Connection open(int session) {
    Connection connection = new Connection(session);
    connections.put(session, connection);
    return connection;
  }

  /**
   * The next datagram to be sent for frames of a log buffer, or for a message of the driver. Every
   * frame has one of its own, since a receiver takes what comes alone at once.
   *
   * @param frames its position is moved behind what the datagram is for
   */
  ByteBuffer next(ByteBuffer frames) {
    int start = frames.position();
    written.wrap(frames, start, frames.remaining());
    int next = start + nextLength();
    ByteBuffer datagram = isApart() ? withPayload() : frames.duplicate().limit(next);
    frames.position(next);
    return datagram;
  }

  /** Of padding there is the header only; a message of the driver is alone. */
  private int nextLength() {
    int length = written.getInt(FRAME_LENGTH_FIELD_OFFSET, LITTLE_ENDIAN);
    int aligned = BitUtil.align(length, FrameDescriptor.FRAME_ALIGNMENT);
    return length <= 0 || aligned > written.capacity() ? written.capacity() : aligned;
  }

  private boolean isApart() {
    return written.capacity() >= sizes.frame()
        && written.getLong(RESERVED_VALUE_OFFSET, LITTLE_ENDIAN) == MARK;
  }

  private ByteBuffer withPayload() {
    int session = written.getInt(SESSION_ID_FIELD_OFFSET, LITTLE_ENDIAN);
    Connection connection = connections.get(session);
    Chunk chunk =
        connection == null ? null : connection.find(written.getLong(HEADER_LENGTH, LITTLE_ENDIAN));
    bytes.putBytes(0, written, 0, HEADER_LENGTH);
    if (chunk == null) {
      // padding, so that the receiver sees no gap at this position
      bytes.putShort(
          HeaderFlyweight.TYPE_FIELD_OFFSET, (short) HeaderFlyweight.HDR_TYPE_PAD, LITTLE_ENDIAN);
      bytes.putLong(RESERVED_VALUE_OFFSET, 0, LITTLE_ENDIAN);
      return datagram.clear().limit(HEADER_LENGTH);
    }
    chunk.write(bytes, HEADER_LENGTH, frame);
    return datagram.clear().limit(HEADER_LENGTH + chunk.frameLength());
  }
}
