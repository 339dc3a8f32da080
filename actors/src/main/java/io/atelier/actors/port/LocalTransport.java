package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.actors.transport.weights.LocalWeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Transport of a run in one JVM: objects are passed between actors by reference. */
public final class LocalTransport implements Transport {

  private static final String NODE = "local";

  private final BlobStore blobs;
  private final Map<Weights, WeightStream<NamedTensors>> streams = new EnumMap<>(Weights.class);

  /**
   * @param maxBlobBytes limit of images, trajectories and features held at once
   */
  public LocalTransport(long maxBlobBytes) {
    this.blobs = new LocalBlobStore(NODE, maxBlobBytes);
  }

  @Override
  public String node() {
    return NODE;
  }

  @Override
  public boolean reachesOthers() {
    return false;
  }

  @Override
  public BlobStore blobs() {
    return blobs;
  }

  /** Nothing leaves this process. */
  @Override
  public void key(RunKey shared) {}

  @Override
  public synchronized WeightStream<NamedTensors> publish(Weights weights, int epoch, int versions) {
    WeightStream<NamedTensors> stream = new LocalWeightStream<>(weights.toString(), versions);
    streams.put(weights, stream);
    return stream;
  }

  @Override
  public synchronized WeightStream<NamedTensors> follow(
      Weights weights, int epoch, String publisher) {
    return Optional.ofNullable(streams.get(weights))
        .orElseThrow(() -> new IllegalStateException("nobody publishes the " + weights));
  }
}
