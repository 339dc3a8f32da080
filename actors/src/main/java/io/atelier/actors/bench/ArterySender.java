package io.atelier.actors.bench;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * Sends bytes as messages of Akka: what a run would do without a data plane. A receiver first says
 * who it is, and then acknowledges every message, so that no more than a window is on its way.
 */
final class ArterySender implements AutoCloseable {

  /** Of one message: what the control plane takes. */
  private static final int CHUNK_BYTES = 256 << 10;

  /** Messages on their way, for each receiver. */
  private static final int WINDOW = 16;

  private final BlockingQueue<String> names = new LinkedBlockingQueue<>();
  private final Semaphore window = new Semaphore(0);
  private final List<ActorRef<Object>> receivers = new ArrayList<>();
  private final Artery artery = new Artery(actor());

  private Behavior<Object> actor() {
    return Behaviors.receive(Object.class)
        .onMessage(
            String.class,
            name -> {
              names.add(name);
              return Behaviors.same();
            })
        .onMessage(
            Integer.class,
            taken -> {
              window.release();
              return Behaviors.same();
            })
        .build();
  }

  /** Where receivers introduce themselves. */
  String reference() {
    return artery.reference();
  }

  /** Waits until so many receivers have said who they are. */
  void awaitReceivers(int count) {
    try {
      while (receivers.size() < count) {
        receivers.add(artery.resolve(names.take()));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    window.release(WINDOW * count);
  }

  /** Sends from position 0 to the capacity, to all receivers; returns when all is under way. */
  void send(ByteBuffer content) {
    for (int from = 0; from < content.capacity(); from += CHUNK_BYTES) {
      byte[] chunk = new byte[Math.min(CHUNK_BYTES, content.capacity() - from)];
      content.get(from, chunk);
      window.acquireUninterruptibly(receivers.size());
      receivers.forEach(receiver -> receiver.tell(chunk));
    }
  }

  @Override
  public void close() {
    artery.close();
  }
}
