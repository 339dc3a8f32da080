package io.atelier.actors.transport.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.agrona.concurrent.IdleStrategy;

/**
 * How a thread that drives sockets spends the time in which there is nothing to do: it turns a few
 * times more, then rests until something comes in, somebody wakes it, or a clock may have run out.
 * That time doubles with each rest, since the clocks that run out soon after something was done are
 * the short ones, such as that of a loss to be reported.
 */
public final class Rest implements IdleStrategy, AutoCloseable {
  private static final int SPINS = 10;
  private static final int YIELDS = 5;
  private static final long MIN_MILLIS = 1;

  /** Longest rest. */
  static final long MAX_MILLIS = 64;

  private final Selector selector;
  private int turns;
  private long millis = MIN_MILLIS;

  Rest() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot watch sockets", e);
    }
  }

  /** Rests no longer than until something comes in there, as long as that is open. */
  void watch(DatagramChannel socket) {
    try {
      socket.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot watch a socket", e);
    }
  }

  /** Ends the rest, or the next one if this is none. For any thread. */
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
