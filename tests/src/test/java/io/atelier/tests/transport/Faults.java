package io.atelier.tests.transport;

import io.atelier.actors.transport.aeron.Network;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * A network that loses, doubles, holds up or damages what one node sends, by a seed, and counts
 * what it did; what the node receives it may slow down.
 */
final class Faults implements Network {

  /** Shares of the datagrams, in percent. */
  record Rates(int lost, int doubled, int late, int damaged) {
    static final Rates NONE = new Rates(0, 0, 0, 0);
  }

  /** Longer than what is no chunk. */
  private static final int BIG = 2_000;

  private final Rates rates;
  private final SplittableRandom random;
  final AtomicInteger lost = new AtomicInteger();
  final AtomicInteger doubled = new AtomicInteger();
  final AtomicInteger late = new AtomicInteger();
  final AtomicInteger damaged = new AtomicInteger();

  /** What passes after each datagram; may be changed at any time. */
  volatile Runnable slow = () -> {};

  private ByteBuffer held;
  private ToIntFunction<ByteBuffer> heldFor;

  Faults(Rates rates, long seed) {
    this.rates = rates;
    this.random = new SplittableRandom(seed);
  }

  private boolean happens(int percent, AtomicInteger count) {
    boolean happens = percent > 0 && random.nextInt(100) < percent;
    if (happens) {
      count.incrementAndGet();
    }
    return happens;
  }

  @Override
  public int send(ByteBuffer datagram, ToIntFunction<ByteBuffer> socket) {
    int length = datagram.remaining();
    if (happens(rates.lost(), lost)) {
      return length;
    }
    if (held == null && happens(rates.late(), late)) {
      held = copy(datagram);
      heldFor = socket;
      return length;
    }
    ByteBuffer sent = datagram;
    if (length > BIG && happens(rates.damaged(), damaged)) {
      sent = copy(datagram);
      int at = length - 1 - random.nextInt(BIG / 2);
      sent.put(at, (byte) ~sent.get(at));
    }
    if (happens(rates.doubled(), doubled)) {
      socket.applyAsInt(sent.duplicate());
    }
    int taken = socket.applyAsInt(sent);
    if (held != null && heldFor == socket) {
      socket.applyAsInt(held);
      held = null;
    }
    return taken;
  }

  private static ByteBuffer copy(ByteBuffer datagram) {
    ByteBuffer copy = ByteBuffer.allocateDirect(datagram.remaining());
    return copy.put(datagram.duplicate()).flip();
  }

  @Override
  public void received() {
    slow.run();
  }
}
