package io.atelier.tests.run;

import io.atelier.tests.toy.Latches;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntPredicate;
import java.util.function.ToIntFunction;

/** A server that goes away in the middle of a run and comes back at the same port. */
final class Outage<S extends AutoCloseable> {

  /** Connections that break before it is back, more than are tried before a group is put off. */
  private static final int BROKEN = 12;

  /** Starts a server. */
  interface Starter<S> {

    /**
     * @param port 0 for any
     * @param breaks whether a request, counted from 0, is broken off
     */
    S start(int port, IntPredicate breaks) throws IOException;
  }

  private final S first;
  private final CompletableFuture<S> second;

  private Outage(S first, CompletableFuture<S> second) {
    this.first = first;
    this.second = second;
  }

  /**
   * Starts the server, which breaks off from request {@code last} on; then nothing but broken
   * connections, then it is back.
   */
  static <S extends AutoCloseable> Outage<S> at(int last, Starter<S> starter, ToIntFunction<S> port)
      throws IOException {
    CountDownLatch broken = new CountDownLatch(1);
    S first =
        starter.start(
            0,
            request -> {
              if (request == last) {
                broken.countDown();
              }
              return request >= last;
            });
    int same = port.applyAsInt(first);
    return new Outage<>(
        first,
        CompletableFuture.supplyAsync(
            () -> {
              Latches.await(broken);
              try {
                first.close();
                breakConnections(same);
                return starter.start(same, request -> false);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }));
  }

  private static void breakConnections(int port) throws IOException {
    try (ServerSocket away = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < BROKEN; i++) {
        away.accept().close();
      }
    }
  }

  /** The server that goes away. */
  S first() {
    return first;
  }

  /** The one that takes its place; waits for it. */
  S second() {
    return second.join();
  }
}
