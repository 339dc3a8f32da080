package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Opener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who sees all datagrams between two nodes, and can send to both, but has no key. */
class ObserverTest {
  private static final int SIZE = 100_000;
  private static final String STREAM = "a stream that nobody else has";

  /** What takes nobody by surprise when it comes again. */
  private static final List<Frame.Type> IDEMPOTENT =
      List.of(Frame.Type.DESCRIPTION, Frame.Type.CHUNK);

  /** Bytes of a payload that are changed, besides each of the header. */
  private static final int PAYLOAD_BYTES = 8;

  private final Planes planes = new Planes();
  private final Observer observer = new Observer();
  private final byte[] value = Bytes.random(SIZE, 1);
  private DataPlane owner;
  private DataPlane other;

  @TempDir Path folder;

  /** Has them say all that nodes say to each other. */
  @BeforeEach
  void talk() throws Exception {
    owner = planes.start(observer);
    other = planes.start(observer);
    BlobRef ref = owner.blobs().put(Bytes.KIND, value);
    assertArrayEquals(value, get(other.blobs().fetch(Bytes.KIND, ref)));
    other.blobs().release(ref);
    Eventually.holds(() -> owner.blobs().held() == 0);
    failure(other.blobs().fetch(Bytes.KIND, ref));
    WeightStream<byte[]> stream = owner.publisher(STREAM, Bytes.CODEC, 64);
    WeightStream<byte[]> received = other.receiver(STREAM, owner.node(), Bytes.CODEC);
    Planes.untilBroadcastOnce(
        stream, SIZE, List.of(other), List.of(received), () -> owner.counters().get("sent-bytes"));
  }

  @AfterEach
  void close() {
    planes.close();
  }

  private static int session(DataPlane plane) {
    return NodeName.parse(plane.node()).session();
  }

  private DataPlane receiver(Frame.Type type) {
    return switch (type) {
      case REQUEST, RELEASE, FOLLOW -> owner;
      case DESCRIPTION, MISSING, CHUNK, ANNOUNCE -> other;
    };
  }

  private byte[] captured(Frame.Type type) {
    List<byte[]> frames = observer.frames(type, session(receiver(type)));
    assertFalse(frames.isEmpty(), () -> "nobody said " + type);
    return frames.get(0);
  }

  private static long count(DataPlane plane, String name) {
    return plane.counters().get(name);
  }

  private static long refused(DataPlane plane) {
    return plane.counters().entrySet().stream()
        .filter(count -> count.getKey().startsWith("refused"))
        .mapToLong(count -> count.getValue())
        .sum();
  }

  /** Sends frames to the inbox of a node; ends when it has taken or refused as many. */
  private void inject(DataPlane to, List<byte[]> frames) {
    long before = refused(to);
    long received = count(to, "received-frames");
    try (MediaDriver driver =
            MediaDriver.launch(
                new MediaDriver.Context()
                    .aeronDirectoryName(folder.resolve("driver").toString())
                    .dirDeleteOnShutdown(true)
                    .threadingMode(ThreadingMode.SHARED)
                    .sharedIdleStrategy(new SleepingMillisIdleStrategy(1)));
        Aeron aeron =
            Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
        Publication out =
            aeron.addPublication(
                new Channels(Planes.with(driver.aeronDirectoryName()))
                    .to(NodeName.parse(to.node())),
                Channels.INBOX_STREAM)) {
      for (byte[] frame : frames) {
        Eventually.holds(() -> out.offer(new UnsafeBuffer(frame)) > 0);
      }
      Eventually.holds(
          () -> refused(to) - before + count(to, "received-frames") - received >= frames.size());
      Eventually.holds(
          () -> refused(to) - before == frames.size() || count(to, "received-frames") > received);
    }
  }

  @Test
  void shouldNotForgeAFrameOfAnyType() {
    for (Frame.Type type : Frame.Type.values()) {
      DataPlane to = receiver(type);
      byte[] frame = captured(type);
      List<byte[]> forged = new ArrayList<>();
      for (int at = 0; at < Math.min(frame.length, Frame.HEADER + PAYLOAD_BYTES); at++) {
        byte[] changed = frame.clone();
        changed[at] ^= 1;
        forged.add(changed);
      }
      forged.add(Arrays.copyOf(frame, frame.length - 1));
      forged.add(Arrays.copyOf(frame, frame.length + 1));
      long refused = refused(to);
      long tags = count(to, "refused-tag");
      inject(to, forged);
      Eventually.holds(() -> refused(to) - refused == forged.size());
      // all but those whose magic, key, session or type are no longer those of a frame for it
      assertTrue(
          count(to, "refused-tag") - tags >= forged.size() - 16, () -> type + " " + to.counters());
    }
  }

  @Test
  void shouldNotHaveAMessageTakenTwice() {
    for (Frame.Type type : Frame.Type.values()) {
      DataPlane to = receiver(type);
      List<byte[]> again = observer.frames(type, session(to));
      long replays = count(to, "refused-replay");
      inject(to, again);
      if (IDEMPOTENT.contains(type)) {
        assertEquals(replays, count(to, "refused-replay"), () -> type + " " + to.counters());
      } else {
        Eventually.holds(() -> count(to, "refused-replay") - replays == again.size());
      }
    }
  }

  @Test
  void shouldNotTurnABroadcastIntoAFrameToTheInbox() {
    for (Frame.Type type : IDEMPOTENT) {
      List<byte[]> broadcast = observer.frames(type, session(owner));
      assertFalse(broadcast.isEmpty());
      long tags = count(owner, "refused-tag");
      inject(owner, broadcast);
      Eventually.holds(() -> count(owner, "refused-tag") - tags == broadcast.size());
    }
  }

  @Test
  void shouldNotSendWhatIsOfAnotherEpoch() {
    RunKey next = RunKey.fresh();
    owner.key(next);
    other.key(next);
    for (Frame.Type type : Frame.Type.values()) {
      DataPlane to = receiver(type);
      byte[] old = captured(type);
      long keys = count(to, "refused-key");
      inject(to, List.of(old));
      Eventually.holds(() -> count(to, "refused-key") > keys);
    }
  }

  @Test
  void shouldSeeNothingOfWhatIsSent() {
    for (int at = 0; at + 16 <= SIZE; at += 1_000) {
      byte[] part = Arrays.copyOfRange(value, at, at + 16);
      assertFalse(observer.saw(part), "bytes " + at + " of a blob are in what was captured");
    }
    assertFalse(observer.saw(STREAM.getBytes(StandardCharsets.UTF_8)));
    // it was there: who has the key finds it
    byte[] found = new byte[SIZE];
    UnsafeBuffer into = new UnsafeBuffer(found);
    Frame frame = new Frame();
    Opener opener = new Opener(() -> Planes.KEY);
    Audience inbox = Audience.inbox(session(other));
    int bytes = 0;
    long transfer = 0;
    for (byte[] chunk : observer.frames(Frame.Type.CHUNK, session(other))) {
      Optional<?> refusal = frame.read(new UnsafeBuffer(chunk), 0, chunk.length, opener, inbox);
      assertEquals(Optional.empty(), refusal);
      transfer = transfer == 0 ? frame.transfer() : transfer;
      if (frame.transfer() == transfer) {
        frame.copyPayload(into, (int) frame.position());
        bytes += frame.payloadLength();
      }
    }
    assertTrue(bytes >= SIZE);
    assertArrayEquals(value, found);
  }
}
