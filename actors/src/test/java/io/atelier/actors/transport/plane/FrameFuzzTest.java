package io.atelier.actors.transport.plane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Checksum;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Follow;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Missing;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data plane takes whatever comes at its port. */
class FrameFuzzTest {
  private static final int FRAMES = 120_000;
  private static final long TOKEN = 11;
  private static final int MTU = 1_408;
  private static final String STREAM = "policy";

  private final Frame frame = new Frame();
  private final Checksum checksum = new Checksum();
  private final SplittableRandom random = new SplittableRandom(5);

  private long transfer;

  @TempDir Path folder;

  @Test
  void shouldLiveThroughMutatedFrames() throws Exception {
    try (MediaDriver driver = driver();
        DataPlane plane = DataPlane.start(config(driver.aeronDirectoryName()));
        DataPlane good = DataPlane.start(config(driver.aeronDirectoryName()));
        Aeron aeron =
            Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()))) {
      NodeName target = NodeName.parse(plane.node());
      BlobKind<byte[]> kind = new BlobKind<>(byte[].class, new Raw());
      plane.publisher(STREAM, new Raw(), 2).publish(0, new byte[5_000]);
      plane.receiver("critic", good.node(), new Raw());
      BlobRef blob = plane.blobs().put(kind, new byte[100_000]);
      // a peer that never answers, so that chunks and descriptions find a transfer that is open
      Subscription silent =
          aeron.addSubscription(new Channels(config("")).inbox(), Channels.INBOX_STREAM);
      BlobRef endless = new BlobRef(silent.resolvedEndpoint() + "/00000001", 1, 100_000, 0);
      CompletableFuture<byte[]> open = plane.blobs().fetch(kind, endless).toCompletableFuture();
      transfer = transfer(silent);
      List<UnsafeBuffer> seeds = seeds(target, NodeName.parse(good.node()), blob);
      try (Publication out =
          aeron.addPublication(new Channels(config("")).to(target), Channels.INBOX_STREAM)) {
        for (int i = 0; i < FRAMES; i++) {
          UnsafeBuffer seed = seeds.get(i % seeds.size());
          UnsafeBuffer mutant = i < seeds.size() ? seed : mutate(seed);
          while (out.offer(mutant, 0, mutant.capacity()) < 0) {
            Thread.onSpinWait();
          }
        }
        BlobRef whole = plane.blobs().put(kind, Raw.VALUE);
        assertEquals(
            Raw.VALUE.length,
            good.blobs().fetch(kind, whole).toCompletableFuture().get(30, TimeUnit.SECONDS).length);
        long refused =
            plane.counters().entrySet().stream()
                .filter(count -> count.getKey().startsWith("refused"))
                .mapToLong(count -> count.getValue())
                .sum();
        assertTrue(refused > FRAMES / 2, plane.counters()::toString);
        assertTrue(plane.counters().get("received-frames") > FRAMES / 10);
        assertTrue(plane.counters().get("refused-malformed") > FRAMES / 10);
      }
      assertFalse(open.isDone());
    }
  }

  /** The number of the transfer that is asked for. */
  private long transfer(Subscription inbox) {
    AtomicLong number = new AtomicLong();
    while (inbox.poll(
            (buffer, offset, length, header) -> {
              assertEquals(Optional.empty(), frame.read(buffer, offset, length, TOKEN, 1));
              number.set(frame.transfer());
            },
            1)
        == 0) {
      Thread.onSpinWait();
    }
    return number.get();
  }

  /** A valid frame of every type; they are sent as they are before their mutants. */
  private List<UnsafeBuffer> seeds(NodeName target, NodeName answers, BlobRef blob) {
    List<UnsafeBuffer> seeds = new ArrayList<>();
    Resource resource = Resource.blob(blob.id());
    Resource version = new Resource(STREAM, 0);
    int[] ranges = {0, 2, 7, 1};
    seeds.add(
        frame(
            target, Frame.Type.REQUEST, 1, new Request(answers, resource, true, ranges).encode()));
    seeds.add(
        frame(target, Frame.Type.REQUEST, 1, new Request(answers, version, true, ranges).encode()));
    seeds.add(
        frame(
            target,
            Frame.Type.DESCRIPTION,
            transfer,
            new Description(100_000, 1_328, "").encode()));
    seeds.add(frame(target, Frame.Type.MISSING, 2, Missing.encode("gone")));
    seeds.add(frame(target, Frame.Type.CHUNK, transfer, new byte[1_328]));
    seeds.add(frame(target, Frame.Type.RELEASE, 99, new byte[0]));
    seeds.add(frame(target, Frame.Type.FOLLOW, 0, new Follow(answers, STREAM).encode()));
    Announcement announcement =
        new Announcement(
            answers,
            "critic",
            new long[] {1, 2},
            5_000,
            0,
            Optional.of(Path.of("/dev/shm/atelier-plane-0/slots-0")),
            answers);
    seeds.add(frame(target, Frame.Type.ANNOUNCE, 0, announcement.encode()));
    return seeds;
  }

  private UnsafeBuffer frame(NodeName to, Frame.Type type, long transfer, byte[] payload) {
    UnsafeBuffer whole = new UnsafeBuffer(new byte[Frame.HEADER + payload.length]);
    whole.putBytes(Frame.HEADER, payload);
    int crc = checksum.of(whole, Frame.HEADER, payload.length);
    frame.write(whole, 0, type, TOKEN, to.session(), transfer, 0, payload.length, crc);
    return whole;
  }

  /** Changes bytes, or the length; most get checksums that are right again. */
  private UnsafeBuffer mutate(UnsafeBuffer seed) {
    int length = seed.capacity();
    if (random.nextInt(8) == 0) {
      length = random.nextInt(length + 1);
    }
    UnsafeBuffer mutant = new UnsafeBuffer(new byte[length]);
    mutant.putBytes(0, seed, 0, length);
    boolean sealed = length > Frame.HEADER && random.nextInt(4) > 0;
    int from = sealed && random.nextInt(4) > 0 ? Frame.HEADER : 0;
    for (int i = random.nextInt(4); i >= 0 && length > from; i--) {
      int at = from + random.nextInt(Math.min(length - from, 400));
      mutant.putByte(at, (byte) interesting());
    }
    if (sealed) {
      mutant.putInt(20, length - Frame.HEADER);
      mutant.putInt(40, checksum.of(mutant, Frame.HEADER, length - Frame.HEADER));
      mutant.putInt(44, checksum.of(mutant, 0, 44));
    }
    return mutant;
  }

  private int interesting() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 0x7f;
      case 2 -> 0xff;
      default -> random.nextInt(256);
    };
  }

  private MediaDriver driver() {
    return MediaDriver.launch(
        new MediaDriver.Context()
            .aeronDirectoryName(folder.resolve("driver").toString())
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.SHARED)
            .sharedIdleStrategy(new SleepingMillisIdleStrategy(1))
            .publicationTermBufferLength(1 << 16)
            .errorHandler(error -> {})); // addresses that mutants name cannot be reached
  }

  private static TransportConfig config(String driver) {
    int window = 1 << 15;
    return new TransportConfig(
        "127.0.0.1",
        "",
        0,
        driver,
        "",
        MTU,
        1 << 16,
        window,
        window,
        1 << 20,
        1 << 20,
        false,
        Duration.ofMinutes(1),
        TOKEN);
  }

  /** Bytes as they are. */
  private static final class Raw implements WeightCodec<byte[]> {
    static final byte[] VALUE = {1, 2, 3};

    @Override
    public long length(byte[] value) {
      return value.length;
    }

    @Override
    public void encode(byte[] value, ByteBuffer into) {
      into.put(value);
    }

    @Override
    public byte[] decode(ByteBuffer from) {
      byte[] value = new byte[from.remaining()];
      from.get(value);
      return value;
    }

    @Override
    public String hash(byte[] value) {
      return "";
    }
  }
}
