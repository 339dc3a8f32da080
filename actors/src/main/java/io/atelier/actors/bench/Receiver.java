package io.atelier.actors.bench;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * A process that receives what the benchmark sends. It reads one line for each round, and answers
 * with its {@link Usage} when it has everything.
 */
public final class Receiver {

  private Receiver() {}

  /** {@code stream NODE}, {@code tcp PORT BYTES} or {@code artery ACTOR BYTES}. */
  public static void main(String[] arguments) throws IOException {
    switch (arguments[0]) {
      case "stream" -> stream(arguments[1]);
      case "tcp" -> tcp(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      case "artery" -> artery(arguments[1], Integer.parseInt(arguments[2]));
      default -> throw new IllegalArgumentException("no such way: " + arguments[0]);
    }
  }

  private static void stream(String publisher) throws IOException {
    try (DataPlane plane = DataPlane.start(TransportConfig.loopback().withKey(Broadcasts.KEY));
        WeightStream<Content> stream =
            plane.receiver(Broadcasts.STREAM, publisher, Content.CODEC)) {
      rounds(
          line -> {
            long version = Long.parseLong(line);
            stream.fetch(version).toCompletableFuture().join();
          });
    }
  }

  private static void tcp(int port, int bytes) throws IOException {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
    ByteBuffer done = ByteBuffer.allocate(1);
    try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
      rounds(
          line -> {
            memory.clear();
            while (memory.hasRemaining()) {
              if (channel.read(memory) < 0) {
                throw new IOException("the sender closed the connection");
              }
            }
            channel.write(done.clear());
          });
    }
  }

  private static void artery(String sender, int bytes) throws IOException {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
    Semaphore whole = new Semaphore(0);
    CompletableFuture<ActorRef<Object>> to = new CompletableFuture<>();
    Behavior<Object> actor =
        Behaviors.receive(Object.class)
            .onMessage(
                byte[].class,
                chunk -> {
                  memory.put(chunk);
                  to.join().tell(chunk.length);
                  if (!memory.hasRemaining()) {
                    memory.clear();
                    whole.release();
                  }
                  return Behaviors.same();
                })
            .build();
    try (Artery artery = new Artery(actor)) {
      to.complete(artery.resolve(sender));
      to.join().tell(artery.reference());
      rounds(line -> whole.acquireUninterruptibly());
    }
  }

  private interface Round {
    void take(String line) throws IOException;
  }

  private static void rounds(Round round) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      round.take(line);
      out.println(Usage.now());
    }
  }
}
