package io.atelier.actors.bench;

import io.atelier.actors.Clock;
import io.atelier.actors.transport.DataPlane;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * How fast one version of weights gets from this process to others on this machine: by shared
 * memory, by Aeron as between hosts, by plain TCP, by Akka's messages, and next to that the speed
 * of a copy by one thread. A time runs from when the sender has the weights to when the last
 * receiver has them; for shared memory it contains the encoding, which is the one copy.
 */
public final class Broadcasts {
  static final String STREAM = "bench";

  /** Rounds whose content is looked at, which takes longer; they are not timed. */
  private static final int CHECKED_ROUNDS = 5;

  /** Bytes of all rounds of a warm-up. */
  private static final long WARM_UP_BYTES = 4L << 30;

  /** Much more, since a round is short and does little. */
  private static final long SHARED_WARM_UP_BYTES = 20L << 30;

  private static final long ARTERY_WARM_UP_BYTES = 1L << 30;

  /** Timed rounds of Artery, which is many times slower than the others, at most. */
  private static final int ARTERY_ROUNDS = 3;

  private static final int WRITE_BYTES = 1 << 20;

  /**
   * Rounds of one row.
   *
   * @param warmUp before the first timed one, so that the JVMs have compiled what they do
   * @param timed the others
   */
  private record Plan(int warmUp, int timed) {
    private static final int MAX_WARM_UP = 300;

    /**
     * @param warmUpBytes all rounds of the warm-up together
     */
    static Plan of(int bytes, long warmUpBytes, int timed) {
      return new Plan((int) Math.max(1, Math.min(MAX_WARM_UP, warmUpBytes / bytes)), timed);
    }

    int all() {
      return warmUp + timed;
    }
  }

  /**
   * What was measured.
   *
   * @param way {@code copy}, {@code shared}, {@code aeron}, {@code tcp} or {@code artery}
   * @param bytes of one version
   * @param receivers other processes
   * @param perSecond gigabytes (1e9) that each receiver got in a second, in every round, ascending
   * @param senderCpu CPU seconds of this process per gigabyte of a version
   * @param receiverCpu CPU seconds of one receiver per gigabyte of a version
   */
  public record Row(
      String way,
      int bytes,
      int receivers,
      List<Double> perSecond,
      double senderCpu,
      double receiverCpu) {

    public double median() {
      return perSecond.get(perSecond.size() / 2);
    }

    /** One level of keys, as it is printed. */
    public Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("way", way);
      map.put("bytes", bytes);
      map.put("receivers", receivers);
      map.put("rounds", perSecond.size());
      map.put("median", median());
      map.put("min", perSecond.get(0));
      map.put("max", perSecond.get(perSecond.size() - 1));
      map.put("sender_cpu_s_per_gb", senderCpu);
      map.put("receiver_cpu_s_per_gb", receiverCpu);
      return map;
    }
  }

  private final int repeats;
  private final Optional<Processors> processors;
  private final Clock clock;

  /**
   * @param repeats timed rounds of each row, at least 1
   * @param pin whether this process and the receivers are kept on processors of their own, from now
   *     on
   * @throws IllegalArgumentException if they cannot be, on this machine
   */
  public Broadcasts(int repeats, boolean pin, Clock clock) {
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats must be at least 1, got " + repeats);
    }
    this.repeats = repeats;
    this.processors = pin ? Optional.of(Processors.halves()) : Optional.empty();
    this.clock = clock;
    processors.ifPresent(Processors::pinSender);
  }

  /** All ways, for one size. */
  public List<Row> measure(int bytes, List<Integer> receivers) {
    ByteBuffer content = ByteBuffer.allocateDirect(bytes);
    new SplittableRandom(1).ints(bytes / Integer.BYTES).forEach(content::putInt);
    content.clear();
    List<Row> rows = new ArrayList<>();
    for (int count : receivers) {
      rows.add(copy(content)); // again and again, so that each row has one of the same minute
      rows.add(stream("shared", true, content, count));
      rows.add(stream("aeron", false, content, count));
      rows.add(tcp(content, count));
      rows.add(artery(content, count));
    }
    return rows;
  }

  private Row copy(ByteBuffer content) {
    Plan plan = Plan.of(content.capacity(), WARM_UP_BYTES, repeats);
    ByteBuffer target = ByteBuffer.allocateDirect(content.capacity());
    long[] nanos = new long[plan.all()];
    long cpu = 0;
    for (int i = 0; i < nanos.length; i++) {
      cpu = i == plan.warmUp() ? Receiver.cpuNanos() : cpu;
      long start = clock.nanos();
      target.clear().put(content.duplicate());
      nanos[i] = clock.nanos() - start;
    }
    double used = perGiga(Receiver.cpuNanos() - cpu, content.capacity(), plan);
    return row("copy", content.capacity(), 0, plan, nanos, used, 0);
  }

  private Row stream(String way, boolean shared, ByteBuffer content, int count) {
    TransportConfig config = TransportConfig.loopback().withShareOnHost(shared);
    try (DataPlane plane = DataPlane.start(config);
        Children children = Children.start(count, processors, "stream", plane.node())) {
      WeightStream<Content> stream = plane.publisher(STREAM, Content.CODEC, 2);
      Plan plan =
          Plan.of(content.capacity(), shared ? SHARED_WARM_UP_BYTES : WARM_UP_BYTES, repeats);
      return rounds(
          way,
          content.capacity(),
          plan,
          children,
          round -> {
            Content weights =
                Content.of(content.duplicate(), round < Math.min(plan.warmUp(), CHECKED_ROUNDS));
            stream.retire(round - 2);
            long start = clock.nanos();
            stream.publish(round, weights);
            start = shared ? start : clock.nanos();
            children.tell(Long.toString(round));
            return start;
          });
    }
  }

  private Row tcp(ByteBuffer content, int count) {
    List<SocketChannel> channels = new ArrayList<>();
    try (ServerSocketChannel server =
        ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      String bytes = Integer.toString(content.capacity());
      try (Children children =
          Children.start(count, processors, "tcp", Integer.toString(port), bytes)) {
        for (int i = 0; i < count; i++) {
          channels.add(server.accept());
        }
        return rounds(
            "tcp",
            content.capacity(),
            Plan.of(content.capacity(), WARM_UP_BYTES, repeats),
            children,
            round -> {
              children.tell(Integer.toString(round));
              long start = clock.nanos();
              CompletableFuture.allOf(
                      channels.stream()
                          .map(channel -> CompletableFuture.runAsync(() -> send(channel, content)))
                          .toArray(CompletableFuture[]::new))
                  .join();
              return start;
            });
      } finally {
        for (SocketChannel channel : channels) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("plain TCP", e);
    }
  }

  private static void send(SocketChannel channel, ByteBuffer content) {
    try {
      for (int from = 0; from < content.capacity(); from += WRITE_BYTES) {
        int length = Math.min(WRITE_BYTES, content.capacity() - from);
        ByteBuffer part = content.slice(from, length);
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
      channel.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException("plain TCP", e);
    }
  }

  private Row artery(ByteBuffer content, int count) {
    String bytes = Integer.toString(content.capacity());
    try (ArterySender sender = new ArterySender();
        Children children =
            Children.start(count, processors, "artery", sender.reference(), bytes)) {
      sender.awaitReceivers(count);
      return rounds(
          "artery",
          content.capacity(),
          Plan.of(content.capacity(), ARTERY_WARM_UP_BYTES, Math.min(repeats, ARTERY_ROUNDS)),
          children,
          round -> {
            children.tell(Integer.toString(round));
            long start = clock.nanos();
            sender.send(content);
            return start;
          });
    }
  }

  private interface Round {
    /** Sends; the time from which it counts, in nanoseconds. */
    long send(int round);
  }

  private Row rounds(String way, int bytes, Plan plan, Children children, Round round) {
    long[] nanos = new long[plan.all()];
    long sender = 0;
    long receivers = 0;
    for (int i = 0; i < nanos.length; i++) {
      if (i == plan.warmUp()) {
        sender = Receiver.cpuNanos();
        receivers = children.cpuNanos();
      }
      long start = round.send(i);
      children.awaitDone();
      nanos[i] = clock.nanos() - start;
    }
    double senderCpu = perGiga(Receiver.cpuNanos() - sender, bytes, plan);
    double receiverCpu = perGiga(children.cpuNanos() - receivers, bytes, plan) / children.count();
    return row(way, bytes, children.count(), plan, nanos, senderCpu, receiverCpu);
  }

  /** CPU seconds per gigabyte, of CPU time in all timed rounds. */
  private static double perGiga(long cpuNanos, int bytes, Plan plan) {
    return cpuNanos / (double) bytes / plan.timed();
  }

  private static Row row(
      String way,
      int bytes,
      int count,
      Plan plan,
      long[] nanos,
      double senderCpu,
      double receiverCpu) {
    List<Double> perSecond =
        IntStream.range(plan.warmUp(), plan.all())
            .mapToObj(i -> bytes / (double) nanos[i])
            .sorted()
            .toList();
    return new Row(way, bytes, count, perSecond, senderCpu, receiverCpu);
  }
}
