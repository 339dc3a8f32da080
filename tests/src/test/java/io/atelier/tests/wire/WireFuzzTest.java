package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.atelier.actors.protocol.WireMessage;
import io.atelier.actors.wire.KryoSerializer;
import io.atelier.actors.wire.WireException;
import io.atelier.actors.wire.WireTypes;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Frames that nobody would send, over all messages. {@code -Datelier.frames=N} makes more, {@code
 * -Datelier.seed=N} others.
 */
class WireFuzzTest {

  private static final int FRAMES = Integer.getInteger("atelier.frames", 100_000);
  private static final long SEED = Long.getLong("atelier.seed", 20_261_124);

  /** A frame of a few hundred bytes has no business to allocate more than this. */
  private static final long ALLOCATION = 1 << 20;

  /** As variable-length numbers: 2^31 - 1, 200 MiB, -1. */
  private static final List<byte[]> CLAIMS =
      List.of(
          HexFormat.of().parseHex("ffffffff07"),
          HexFormat.of().parseHex("80808064"),
          HexFormat.of().parseHex("ffffffff0f"));

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static Node node;
  private static KryoSerializer serializer;
  private static List<byte[]> frames;
  private long decoded;
  private long refused;

  @BeforeAll
  static void start() {
    node = Node.start("cluster", "akka.actor.provider = local");
    serializer = KryoSerializer.of(node.kit().system());
    frames = WireExamples.all(node.kit()).stream().map(serializer::toBinary).toList();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  @Timeout(120)
  void shouldDecodeOrRefuseEveryFrame() {
    System.out.println("%,d frames from seed %d".formatted(FRAMES, SEED));
    Random random = new Random(SEED);
    for (int i = 0; i < FRAMES; i++) {
      decode(mutated(random));
    }
    System.out.println("%,d decoded, %,d refused".formatted(decoded, refused));
    assertTrue(decoded > FRAMES / 20 && refused > FRAMES / 20, "too tame or too wild");
  }

  @Test
  @Timeout(120)
  void shouldAllocateNothingForClaimsThatTheFrameDoesNotHold() {
    for (byte[] frame : frames) {
      for (byte[] claim : CLAIMS) {
        for (int at = 0; at <= frame.length; at++) {
          byte[] cut = Arrays.copyOf(frame, at + claim.length);
          System.arraycopy(claim, 0, cut, at, claim.length);
          decode(cut);
        }
      }
    }
    assertTrue(refused > 1_000, () -> "only %d refused".formatted(refused));
  }

  /** Decodes a frame; anything but a message or a {@link WireException} fails the test. */
  private void decode(byte[] frame) {
    byte[] before = frame.clone();
    long start = THREADS.getCurrentThreadAllocatedBytes();
    try {
      assertTrue(
          serializer.fromBinary(frame, "atelier/" + WireTypes.VERSION) instanceof WireMessage);
      decoded++;
    } catch (WireException e) {
      refused++;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(HexFormat.of().formatHex(before), e);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - start;
    assertTrue(
        allocated < ALLOCATION,
        () -> "%,d bytes for %s".formatted(allocated, HexFormat.of().formatHex(before)));
    assertTrue(Arrays.equals(before, frame), "the frame itself was changed");
  }

  private static byte[] mutated(Random random) {
    byte[] frame = frames.get(random.nextInt(frames.size())).clone();
    switch (random.nextInt(6)) {
      case 0 -> frame = Arrays.copyOf(frame, random.nextInt(frame.length + 8));
      case 1 -> frame = spliced(frame, frames.get(random.nextInt(frames.size())), random);
      case 2 -> frame = spliced(frame, CLAIMS.get(random.nextInt(CLAIMS.size())), random);
      case 3 -> {
        frame = new byte[random.nextInt(64)];
        random.nextBytes(frame);
      }
      default -> {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
      }
    }
    return frame;
  }

  /** The start of one, then the end of another. */
  private static byte[] spliced(byte[] head, byte[] tail, Random random) {
    int kept = random.nextInt(head.length + 1);
    int from = random.nextInt(tail.length);
    byte[] spliced = Arrays.copyOf(head, kept + tail.length - from);
    System.arraycopy(tail, from, spliced, kept, tail.length - from);
    return spliced;
  }
}
