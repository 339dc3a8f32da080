package io.atelier.actors.transport.plane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Follow;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Missing;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Opener;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import io.atelier.actors.transport.wire.Sealer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
  private static final RunKey KEY = new RunKey(1, 2, 3, 11);
  private static final int MTU = 1_408;
  private static final int CHUNK = MTU - 32 - Frame.HEADER;
  private static final String STREAM = "policy";

  private final Frame frame = new Frame();
  private final Sealer sealer = new Sealer(() -> KEY);
  private final SplittableRandom random = new SplittableRandom(5);

  private record Said(Frame.Type type, long transfer, byte[] payload) {}

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
      List<Said> seeds = seeds(NodeName.parse(good.node()), blob);
      try (Publication out =
          aeron.addPublication(new Channels(config("")).to(target), Channels.INBOX_STREAM)) {
        for (int i = 0; i < FRAMES; i++) {
          Said seed = seeds.get(i % seeds.size());
          UnsafeBuffer mutant = i < seeds.size() ? frame(target, seed) : mutate(target, seed);
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
        for (String count : List.of("received-frames", "refused-malformed", "refused-tag")) {
          assertTrue(plane.counters().get(count) > FRAMES / 10, plane.counters()::toString);
        }
      }
      assertFalse(open.isDone());
    }
  }

  /** The number of the transfer that is asked for. */
  private long transfer(Subscription inbox) {
    Opener opener = new Opener(() -> KEY);
    AtomicLong number = new AtomicLong();
    while (inbox.poll(
            (buffer, offset, length, header) -> {
              assertEquals(
                  Optional.empty(), frame.read(buffer, offset, length, opener, Audience.inbox(1)));
              number.set(frame.transfer());
            },
            1)
        == 0) {
      Thread.onSpinWait();
    }
    return number.get();
  }

  /** One of every type; they are sent as they are before their mutants. */
  private List<Said> seeds(NodeName answers, BlobRef blob) {
    Resource resource = Resource.blob(blob.id());
    Resource version = new Resource(STREAM, 0);
    int[] ranges = {0, 2, 7, 1};
    Announcement announcement =
        new Announcement(
            answers,
            "critic",
            new long[] {1, 2},
            5_000,
            0,
            Optional.of(Path.of("/dev/shm/atelier-plane-0/slots-0")),
            answers);
    return List.of(
        new Said(Frame.Type.REQUEST, 1, new Request(answers, resource, true, ranges).encode()),
        new Said(Frame.Type.REQUEST, 1, new Request(answers, version, true, ranges).encode()),
        new Said(Frame.Type.DESCRIPTION, transfer, new Description(100_000, CHUNK, "").encode()),
        new Said(Frame.Type.MISSING, 2, Missing.encode("gone")),
        new Said(Frame.Type.CHUNK, transfer, new byte[CHUNK]),
        new Said(Frame.Type.RELEASE, 99, new byte[0]),
        new Said(Frame.Type.FOLLOW, 0, new Follow(answers, STREAM).encode()),
        new Said(Frame.Type.ANNOUNCE, 0, announcement.encode()));
  }

  private UnsafeBuffer frame(NodeName to, Said said) {
    int length = said.payload().length;
    UnsafeBuffer whole = new UnsafeBuffer(new byte[Frame.HEADER + length]);
    frame.write(
        whole,
        0,
        said.type(),
        sealer,
        Audience.inbox(to.session()),
        said.transfer(),
        0,
        new UnsafeBuffer(said.payload()),
        0,
        length);
    return whole;
  }

  /** Changes bytes, or the length; most of them before they are sealed, as a node could do. */
  private UnsafeBuffer mutate(NodeName target, Said seed) {
    boolean inside = random.nextInt(4) > 0;
    byte[] payload = inside ? change(seed.payload()) : seed.payload();
    long number = inside && random.nextInt(8) == 0 ? interesting() : seed.transfer();
    UnsafeBuffer whole = frame(target, new Said(seed.type(), number, payload));
    return inside ? whole : new UnsafeBuffer(change(whole.byteArray()));
  }

  private byte[] change(byte[] bytes) {
    int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
    byte[] changed = Arrays.copyOf(bytes, length);
    for (int i = random.nextInt(4); i >= 0 && length > 0; i--) {
      changed[random.nextInt(Math.min(length, 400))] = (byte) interesting();
    }
    return changed;
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
        KEY);
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
