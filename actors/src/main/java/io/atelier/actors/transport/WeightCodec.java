package io.atelier.actors.transport;

/** The bytes of weights, and the hash that proves them. */
public interface WeightCodec<W> extends Codec<W> {

  /**
   * Names the content; equal hashes mean equal bits. A receiver computes it over what it decoded
   * and refuses the version if it is not the publisher's. At most {@value
   * Description#MAX_HASH_BYTES} bytes of UTF-8.
   */
  String hash(W weights);
}
