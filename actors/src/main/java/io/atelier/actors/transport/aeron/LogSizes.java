package io.atelier.actors.transport.aeron;

import io.aeron.logbuffer.LogBufferDescriptor;
import io.atelier.actors.transport.TransportConfig;
import org.agrona.BitUtil;

/**
 * What Aeron is told of a connection, in bytes of its log buffers.
 *
 * @param frame the longest, which is what a chunk takes
 * @param term a third of the log
 * @param window what is on its way to one receiver
 * @param ahead what is written before it is sent
 */
public record LogSizes(int frame, int term, int window, int ahead) {

  /** What is written before it is sent: no more than stays in the cache of a core. */
  private static final int AHEAD_BYTES = 1 << 18;

  /** A chunk in the log buffer is smaller than its datagram by this. */
  private static final int REDUCTION = 16;

  /** Where chunks are in the log buffers, with their payload. */
  static LogSizes whole(TransportConfig config) {
    int term = config.termBytes();
    return new LogSizes(
        config.mtuBytes(), term, config.windowBytes(), Math.min(term / 2, AHEAD_BYTES));
  }

  /**
   * Where the payloads of chunks are not in the log buffers, see {@link SendBypass}. As many chunks
   * are on their way as otherwise, and the window still takes one that comes whole.
   */
  public static LogSizes apart(TransportConfig config) {
    int mtu = config.mtuBytes();
    int reduced = BitUtil.align(mtu / REDUCTION, TransportConfig.MTU_UNIT);
    int frame = Math.max(TransportConfig.MIN_MTU, reduced);
    int window = Math.max(mtu, config.windowBytes() / mtu * frame);
    int term =
        Math.max(
            LogBufferDescriptor.TERM_MIN_LENGTH,
            BitUtil.findNextPositivePowerOfTwo(Math.max(2 * window, 8 * frame)));
    int ahead = Math.max(1, Math.min(AHEAD_BYTES, config.windowBytes()) / mtu) * frame;
    return new LogSizes(frame, term, window, ahead);
  }

  /** Frames of a chunk that may have to be sent again. */
  int remembered() {
    return 2 * term / frame;
  }
}
