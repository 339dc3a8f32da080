package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.PiecedStream;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.models.state.NamedTensors;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions in pieces over Aeron, with pieces of kilobytes in place of gigabytes. */
class PiecedWeightsTest {
  private static final int TENSORS = 7;
  private static final int VALUES = 5_000;

  /** Two tensors and their names. */
  private static final long PIECE = 2 * VALUES * Float.BYTES + 200;

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  private static NamedTensors weights(int version) {
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    for (int i = 0; i < TENSORS; i++) {
      float[] values = new float[VALUES];
      for (int j = 0; j < VALUES; j++) {
        values[j] = version + i * j;
      }
      tensors.put("block." + i, new NamedTensors.Tensor(new long[] {VALUES}, values));
    }
    return new NamedTensors(tensors);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldArriveWhole(boolean shared) throws Exception {
    TransportConfig config = shared ? Planes.sharing() : Planes.config();
    DataPlane learner = planes.start(config);
    DataPlane worker = planes.start(config);
    PiecedStream published =
        new PiecedStream(k -> learner.publisher("policy " + k, Blobs.PIECES, 2), 1 << 20, PIECE);
    PiecedStream followed =
        new PiecedStream(
            k -> worker.receiver("policy " + k, learner.node(), Blobs.PIECES), 1 << 20, PIECE);
    for (int version = 1; version <= 3; version++) {
      NamedTensors sent = weights(version);
      published.retire(version - 2);
      published.publish(version, sent);
      assertEquals(sent.contentHash(), Planes.get(followed.fetch(version)).contentHash());
    }
    assertEquals(weights(2).contentHash(), Planes.get(followed.fetch(2)).contentHash());
    assertEquals(Set.of(2L, 3L), published.versions());
    WeightStream<?> last = learner.receiver("policy 3", learner.node(), Blobs.PIECES);
    assertEquals(Set.of(2L, 3L), last.versions(), "there are four pieces");
    Eventually.holds(() -> !followed.versions().contains(1L));
    String gone = Planes.failure(followed.fetch(1)).getMessage();
    assertTrue(gone.contains("version 1 is not available"), gone);
  }
}
