package io.atelier.actors.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.weights.LocalWeightStream;
import io.atelier.models.state.NamedTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PiecedStreamTest {

  /** A tensor of {@link #weights} takes 4 + 1 + 12 + 4 + 40 bytes, so that two fit in a piece. */
  private static final long PIECE = WeightPieceCodec.EMPTY_BYTES + 2 * 61;

  private final List<WeightStream<WeightPiece>> streams = new ArrayList<>();

  private static NamedTensors weights(int tensors, float first) {
    Map<String, NamedTensors.Tensor> all = new TreeMap<>();
    for (int i = 0; i < tensors; i++) {
      float[] values = new float[10];
      values[3] = first + i;
      all.put("" + (char) ('a' + i), new NamedTensors.Tensor(new long[] {10}, values));
    }
    return new NamedTensors(all);
  }

  private PiecedStream stream(int versions) {
    return new PiecedStream(
        number -> {
          assertEquals(streams.size(), number);
          streams.add(new LocalWeightStream<>("weights, piece " + number, versions));
          return streams.get(number);
        },
        10_000,
        PIECE);
  }

  /** As another node has it: it opens the same streams when it needs them. */
  private PiecedStream followed() {
    return new PiecedStream(streams::get, 10_000, PIECE);
  }

  @Test
  void shouldCarryAVersionInPieces() {
    PiecedStream published = stream(2);
    PiecedStream followed = followed();
    for (int version = 1; version <= 2; version++) {
      NamedTensors sent = weights(4 + version, version);
      published.publish(version, sent);
      assertEquals(3, streams.size());
      assertEquals(
          sent.contentHash(), followed.fetch(version).toCompletableFuture().join().contentHash());
    }
    assertEquals(Set.of(1L, 2L), followed.versions());
    published.retire(1);
    streams.forEach(each -> assertEquals(Set.of(2L), each.versions()));
  }

  @Test
  void shouldHandOverWhatFitsInOnePieceAsItIs() {
    PiecedStream published = stream(1);
    NamedTensors small = weights(2, 0);
    published.publish(7, small);
    assertEquals(1, streams.size());
    assertSame(small, followed().fetch(7).toCompletableFuture().join());
    published.retire(7);
    NamedTensors nothing = new NamedTensors(Map.of());
    published.publish(8, nothing);
    assertSame(nothing, published.fetch(8).toCompletableFuture().join());
  }

  @Test
  void shouldPublishAllPiecesOrNone() {
    PiecedStream published = stream(2);
    published.publish(1, weights(1, 0));
    published.publish(2, weights(1, 0));
    assertThrows(IllegalStateException.class, () -> published.publish(3, weights(6, 0)));
    assertEquals(3, streams.size());
    for (int number = 1; number < 3; number++) {
      assertEquals(Set.of(), streams.get(number).versions());
    }
  }

  @Test
  void shouldRefuseWhatIsTooLarge() {
    String version =
        assertThrows(IllegalStateException.class, () -> stream(1).publish(1, weights(200, 0)))
            .getMessage();
    assertTrue(version.endsWith("bytes, transport.max-version-bytes is 10000"), version);
    NamedTensors one =
        new NamedTensors(Map.of("w", new NamedTensors.Tensor(new long[] {100}, new float[100])));
    streams.clear();
    String tensor =
        assertThrows(IllegalStateException.class, () -> stream(1).publish(1, one)).getMessage();
    assertTrue(
        tensor.equals("tensor \"w\" takes 421 bytes, and one piece of a version has room for 122"),
        tensor);
  }

  /** Two publishers, or a broken one: what is put together has to be of one version. */
  @Test
  void shouldRefuseAPieceOfAnotherPlace() {
    PiecedStream published = stream(2);
    published.publish(1, weights(5, 0));
    published.publish(2, weights(3, 0));
    streams.get(1).retire(1);
    streams.get(1).publish(1, streams.get(1).fetch(2).toCompletableFuture().join());
    String message =
        assertThrows(
                CompletionException.class, () -> followed().fetch(1).toCompletableFuture().join())
            .getCause()
            .getMessage();
    assertEquals("version 1: what came as piece 1 of 3 is piece 1 of 2", message);
  }

  /** Sizes whose sums no int holds. */
  @Test
  void shouldCutVersionsOfManyGigabytes() {
    SortedMap<String, Long> bytes = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      bytes.put("block " + i, 900_000_000L);
    }
    bytes.put("last", 2_147_479_000L);
    List<Set<String>> pieces = WeightPiece.cut(bytes, 2_147_479_500L);
    assertEquals(6, pieces.size());
    assertEquals(Set.of("block 2", "block 3"), pieces.get(1));
    assertEquals(Set.of("last"), pieces.get(5));
  }

  @Test
  void shouldReadWhatItWroteAndRefuseOtherNumbers() {
    WeightPieceCodec codec = new WeightPieceCodec();
    WeightPiece piece = new WeightPiece(1, 3, weights(2, 5));
    ByteBuffer bytes =
        ByteBuffer.allocate((int) codec.length(piece)).order(ByteOrder.LITTLE_ENDIAN);
    codec.encode(piece, bytes);
    assertEquals(0, bytes.remaining());
    WeightPiece read = codec.decode(bytes.flip());
    assertEquals(codec.hash(piece), codec.hash(read));
    assertEquals(3, read.count());
    bytes.rewind().putInt(1, 3);
    assertThrows(MalformedException.class, () -> codec.decode(bytes));
    bytes.rewind().putInt(1, 0).putInt(5, 257);
    assertThrows(MalformedException.class, () -> codec.decode(bytes));
  }
}
