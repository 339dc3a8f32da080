package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;

/** Transfers bytes between this node and the others. Thread-safe. */
public interface Transport {

  /** Name of this node in blob references and worker names; different in every process. */
  String node();

  /** Whether other nodes can take part in a run that uses it. */
  default boolean reachesOthers() {
    return true;
  }

  BlobStore blobs();

  /** Sets the key that encrypts and authenticates all frames of the run from now on. */
  void key(RunKey shared);

  /**
   * The stream on which this node publishes.
   *
   * @param epoch number of the conductor that publishes; each has its own streams
   * @param versions the most that it holds
   */
  WeightStream<NamedTensors> publish(Weights weights, int epoch, int versions);

  /** A stream that {@code publisher} publishes, which may be this node. */
  WeightStream<NamedTensors> follow(Weights weights, int epoch, String publisher);
}
