package io.atelier.actors.transport;

/** The bytes of weights, and the hash that proves them. */
public interface WeightCodec<W> extends Codec<W> {

  /** Bytes of the longest hash. */
  int MAX_HASH_BYTES = 128;

  /**
   * Names the content; equal hashes mean equal bits. A receiver computes it over what it decoded
   * and refuses the version if it is not the publisher's. At most {@value #MAX_HASH_BYTES} bytes of
   * UTF-8.
   */
  String hash(W weights);
}
