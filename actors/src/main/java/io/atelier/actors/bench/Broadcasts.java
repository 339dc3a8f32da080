package io.atelier.actors.bench;

import io.atelier.actors.port.Clock;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * How fast one version of weights gets from this process to others on this machine: by shared
 * memory, by Aeron as between hosts, by plain TCP, by Akka's messages, and beside shared memory the
 * speed of a copy by one thread. A time runs from when the sender has the weights to when the last
 * receiver has them; for shared memory it contains the encoding, which is the one copy.
 */
public final class Broadcasts {
  static final String STREAM = "bench";

  /** Rounds whose content is looked at, which takes longer; they are not timed. */
  private static final int CHECKED_ROUNDS = 5;

  /** Rounds of Artery, which is many times slower: to warm up at least, and timed at most. */
  private static final int ARTERY_WARM_UP = 2;

  private static final int ARTERY_ROUNDS = 3;

  /** Timed rounds of a row whatever they take; without these there is no spread. */
  private static final int LEAST_ROUNDS = 3;

  /** After which a row has no more rounds. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** Of sender and receivers, which carry nothing that others may not see. */
  static final RunKey KEY = new RunKey(1, 2, 3, 4);

  private static final int WRITE_BYTES = 1 << 20;

  /**
   * What was measured.
   *
   * @param way {@code copy}, {@code shared}, {@code aeron}, {@code tcp} or {@code artery}
   * @param bytes of one version
   * @param receivers other processes
   * @param warmUp rounds before the timed ones
   * @param compiling whether compilers were still at work when the timed rounds began, so that they
   *     are slower than they would be later
   * @param perSecond gigabytes (1e9) that each receiver got in a second, in every round, ascending
   * @param senderCpu CPU seconds of this process per gigabyte of a version
   * @param receiverCpu CPU seconds of one receiver per gigabyte of a version
   */
  public record Row(
      String way,
      int bytes,
      int receivers,
      int warmUp,
      boolean compiling,
      List<Double> perSecond,
      double senderCpu,
      double receiverCpu) {

    public double median() {
      return perSecond.get(perSecond.size() / 2);
    }

    Row withSenderCpu(double secondsPerGigabyte) {
      return new Row(
          way, bytes, receivers, warmUp, compiling, perSecond, secondsPerGigabyte, receiverCpu);
    }

    /** One line for people. */
    public String text() {
      return String.format(
          Locale.ROOT,
          "%-6s %4d MiB to %d: median %.2f GB/s (%.2f to %.2f, %d rounds%s), CPU-s/GB %.2f and %.2f each",
          way,
          bytes >> 20,
          receivers,
          median(),
          perSecond.get(0),
          perSecond.get(perSecond.size() - 1),
          perSecond.size(),
          compiling ? ", still compiling" : "",
          senderCpu,
          receiverCpu);
    }

    /** One level of keys, as it is printed. */
    public Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("way", way);
      map.put("bytes", bytes);
      map.put("receivers", receivers);
      map.put("warm_up_rounds", warmUp);
      map.put("compiling", compiling);
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
  private final Duration longestWarmUp;
  private final Optional<Processors> processors;
  private final Clock clock;
  private final Consumer<String> doing;

  /**
   * @param repeats timed rounds of each row, at least 1; after ten seconds no more than three
   * @param longestWarmUp of each row, after a few rounds; it ends before that if the JVMs have
   *     compiled what they do
   * @param pin whether this process and the receivers are kept on processors of their own, from now
   *     on
   * @param doing told before every round what is done
   * @throws IllegalArgumentException if they cannot be, on this machine
   */
  public Broadcasts(
      int repeats, Duration longestWarmUp, boolean pin, Clock clock, Consumer<String> doing) {
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats must be at least 1, got " + repeats);
    }
    this.repeats = repeats;
    this.longestWarmUp = longestWarmUp;
    this.processors = pin ? Optional.of(Processors.halves()) : Optional.empty();
    this.clock = clock;
    this.doing = doing;
    processors.ifPresent(Processors::pinSender);
  }

  /**
   * All ways, for one size.
   *
   * @param rows takes each row when it is measured
   */
  public void measure(int bytes, List<Integer> receivers, Consumer<Row> rows) {
    ByteBuffer content = ByteBuffer.allocateDirect(bytes);
    new SplittableRandom(1).ints(bytes / Integer.BYTES).forEach(content::putInt);
    content.clear();
    for (int count : receivers) {
      sharedAndCopy(content, count).forEach(rows);
      rows.accept(stream("aeron", false, content, count, () -> {}));
      rows.accept(tcp(content, count));
      rows.accept(artery(content, count));
    }
  }

  /**
   * A copy before each round by shared memory, since these two are to be compared, and a machine
   * that others use too is faster now and slower then.
   */
  private List<Row> sharedAndCopy(ByteBuffer content, int count) {
    Copies copies = new Copies(content, clock);
    Row both = stream("shared", true, content, count, copies);
    Row copy = copies.last(both);
    return List.of(copy, both.withSenderCpu(both.senderCpu() - copy.senderCpu()));
  }

  /**
   * @param before each round
   */
  private Row stream(String way, boolean shared, ByteBuffer content, int count, Runnable before) {
    starting(way, content, count);
    TransportConfig config = TransportConfig.loopback().withKey(KEY).withShareOnHost(shared);
    try (DataPlane plane = DataPlane.start(config);
        Children children = Children.start(count, processors, "stream", plane.node())) {
      WeightStream<Content> stream = plane.publisher(STREAM, Content.CODEC, 2);
      return rounds(
          way,
          content.capacity(),
          CHECKED_ROUNDS,
          repeats,
          children,
          round -> {
            before.run();
            Content weights = Content.of(content.duplicate(), round < CHECKED_ROUNDS);
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
    starting("tcp", content, count);
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
            CHECKED_ROUNDS,
            repeats,
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
    starting("artery", content, count);
    String bytes = Integer.toString(content.capacity());
    try (ArterySender sender = new ArterySender();
        Children children =
            Children.start(count, processors, "artery", sender.reference(), bytes)) {
      sender.awaitReceivers(count);
      return rounds(
          "artery",
          content.capacity(),
          ARTERY_WARM_UP,
          Math.min(repeats, ARTERY_ROUNDS),
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

  private void starting(String way, ByteBuffer content, int count) {
    doing.accept(
        "%s, %d MiB to %d: starting processes".formatted(way, content.capacity() >> 20, count));
  }

  private Row rounds(
      String way, int bytes, int warmUps, int timed, Children children, Round round) {
    WarmUp warmUp = new WarmUp(warmUps, longestWarmUp, clock.nanos());
    String what = "%s, %d MiB to %d: ".formatted(way, bytes >> 20, children.count());
    int done = 0;
    do {
      doing.accept(what + "round %d to warm up".formatted(done + 1));
      time(round, done++, children);
    } while (!warmUp.isOver(done, clock.nanos(), Usage.now().plus(children.usage()).compiled()));
    Usage sender = Usage.now();
    Usage receivers = children.usage();
    List<Double> perSecond = new ArrayList<>();
    long end = clock.nanos() + LONGEST.toNanos();
    int least = Math.min(timed, LEAST_ROUNDS);
    while (perSecond.size() < least || perSecond.size() < timed && clock.nanos() < end) {
      doing.accept(what + "round %d of %d".formatted(perSecond.size() + 1, timed));
      perSecond.add(bytes / (double) time(round, done + perSecond.size(), children));
    }
    Collections.sort(perSecond);
    double gigas = bytes * 1e-9 * perSecond.size();
    double senderCpu = sender.cpuSecondsUntil(Usage.now()) / gigas;
    double receiverCpu = receivers.cpuSecondsUntil(children.usage()) / gigas;
    return new Row(
        way,
        bytes,
        children.count(),
        done,
        !warmUp.isQuiet(),
        List.copyOf(perSecond),
        senderCpu,
        receiverCpu / children.count());
  }

  private long time(Round round, int number, Children children) {
    long start = round.send(number);
    children.awaitDone();
    return clock.nanos() - start;
  }
}
