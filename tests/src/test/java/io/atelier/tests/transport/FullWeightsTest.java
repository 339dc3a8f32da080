package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.PiecedStream;
import io.atelier.actors.codec.WeightPiece;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * All weights of a network as one version, as full fine-tuning would publish them. As large as
 * {@code -Datelier.full-weights-mib} says: 64 by default. 2100 takes two transfers.
 */
class FullWeightsTest {
  private static final int MEBIBYTES = Integer.getInteger("atelier.full-weights-mib", 64);
  private static final int TENSORS = 32;

  private static final TransportConfig CONFIG = TransportConfig.loopback().withKey(Planes.KEY);

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  private static NamedTensors weights(int version) {
    int values = Math.toIntExact(((long) MEBIBYTES << 20) / Float.BYTES / TENSORS);
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    for (int i = 0; i < TENSORS; i++) {
      float[] row = new float[values];
      // half of the tensors stay what they are
      float first = i % 2 == 0 ? i : i + version;
      for (int j = 0; j < row.length; j++) {
        row[j] = first + j;
      }
      String name = "transformer_blocks.%d.ff.net.0.proj.weight".formatted(i);
      tensors.put(name, new NamedTensors.Tensor(new long[] {values / 64, 64}, row));
    }
    return new NamedTensors(tensors);
  }

  @Test
  void shouldSendAllWeightsOverTheNetwork() throws Exception {
    DataPlane learner = planes.start(CONFIG.withShareOnHost(false));
    DataPlane worker = planes.start(CONFIG.withShareOnHost(false));
    send(learner, worker);
    long received = worker.counters().get("received-bytes");
    assertTrue(received > (2L * MEBIBYTES) << 20, "bytes over the network: " + received);
  }

  @Test
  void shouldHandAllWeightsOverInMemory() throws Exception {
    DataPlane learner = planes.start(CONFIG);
    DataPlane worker = planes.start(CONFIG);
    send(learner, worker);
    int pieces = 1 + Math.toIntExact(((long) MEBIBYTES << 20) / CONFIG.maxPieceBytes());
    assertEquals(
        2 * pieces, worker.counters().get("versions-from-slot"), worker.counters()::toString);
  }

  /** As nodes send it: in pieces where one transfer is too small. */
  private static PiecedStream pieced(IntFunction<WeightStream<WeightPiece>> open) {
    return new PiecedStream(open, Long.MAX_VALUE, CONFIG.maxPieceBytes());
  }

  private static void send(DataPlane learner, DataPlane worker) throws Exception {
    WeightStream<NamedTensors> published =
        pieced(number -> learner.publisher("policy " + number, Blobs.PIECES, 2));
    WeightStream<NamedTensors> followed =
        pieced(number -> worker.receiver("policy " + number, learner.node(), Blobs.PIECES));
    NamedTensors before = new NamedTensors(Map.of());
    for (int version = 1; version <= 2; version++) {
      NamedTensors sent = weights(version);
      published.publish(version, sent);
      NamedTensors arrived =
          followed.fetch(version).toCompletableFuture().get(120, TimeUnit.SECONDS);
      Held held = Held.of(before, arrived);
      assertEquals(sent.contentHash(), held.hash());
      assertEquals(version == 1 ? TENSORS : TENSORS / 2, held.changed());
      before = arrived;
    }
  }
}
