package io.atelier.actors.transport.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.agrona.concurrent.IdleStrategy;

/**
 * Idle strategy of a thread that polls sockets: it spins and yields a few times, then parks in a
 * selector until a datagram comes in, somebody wakes it, or a timer may be due. The time to park
 * doubles each time, since the timers that are due soon after some work are the short ones, such as
 * that of a NAK.
 */
public final class SelectorIdleStrategy implements IdleStrategy, AutoCloseable {
  private static final int SPINS = 10;
  private static final int YIELDS = 5;
  private static final long MIN_MILLIS = 1;

  /** Longest time to park. */
  static final long MAX_MILLIS = 64;

  private final Selector selector;
  private int turns;
  private long millis = MIN_MILLIS;

  SelectorIdleStrategy() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot watch sockets", e);
    }
  }

  /** Parks no longer than until a datagram comes in there, as long as that socket is open. */
  void watch(DatagramChannel socket) {
    try {
      socket.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot watch a socket", e);
    }
  }

  /** Unparks the thread, or keeps it from parking the next time. For any thread. */
  public void wake() {
    selector.wakeup();
  }

  @Override
  public void idle(int work) {
    if (work > 0) {
      reset();
    } else {
      idle();
    }
  }

  @Override
  public void idle() {
    turns++;
    if (turns <= SPINS) {
      Thread.onSpinWait();
    } else if (turns <= SPINS + YIELDS) {
      Thread.yield();
    } else {
      try {
        selector.select(key -> {}, millis);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot watch sockets", e);
      }
      millis = Math.min(MAX_MILLIS, 2 * millis);
    }
  }

  @Override
  public void reset() {
    turns = 0;
    millis = MIN_MILLIS;
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot let go of sockets", e);
    }
  }
}
