package io.atelier.actors.node;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.PiecedStream;
import io.atelier.actors.codec.WeightPiece;
import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.Transport;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.models.state.NamedTensors;
import java.util.function.IntFunction;

/** Transport of a cluster node: by reference within the node, over Aeron to others. */
final class NetworkTransport implements Transport, AutoCloseable {

  private final DataPlane plane;
  private final TransportConfig config;

  private NetworkTransport(DataPlane plane, TransportConfig config) {
    this.plane = plane;
    this.config = config;
  }

  /**
   * @throws EnvironmentException if the machine's limits do not suffice
   */
  static NetworkTransport start(TransportConfig config) {
    try {
      return new NetworkTransport(DataPlane.start(config), config);
    } catch (HostLimitException e) {
      throw new EnvironmentException(e.getMessage(), e);
    }
  }

  /** The data plane, for metrics. */
  DataPlane plane() {
    return plane;
  }

  @Override
  public String node() {
    return plane.node();
  }

  @Override
  public BlobStore blobs() {
    return plane.blobs();
  }

  @Override
  public void key(RunKey shared) {
    plane.key(shared);
  }

  @Override
  public WeightStream<NamedTensors> publish(Weights weights, int epoch, int versions) {
    return pieced(number -> plane.publisher(name(weights, epoch, number), Blobs.PIECES, versions));
  }

  @Override
  public WeightStream<NamedTensors> follow(Weights weights, int epoch, String publisher) {
    return pieced(number -> plane.receiver(name(weights, epoch, number), publisher, Blobs.PIECES));
  }

  private PiecedStream pieced(IntFunction<WeightStream<WeightPiece>> open) {
    return new PiecedStream(open, config.maxVersionBytes(), config.maxPieceBytes());
  }

  private static String name(Weights weights, int epoch, int piece) {
    String name = "%s of conductor %d".formatted(weights, epoch);
    return piece == 0 ? name : name + ", piece " + piece;
  }

  @Override
  public void close() {
    plane.close();
  }
}
