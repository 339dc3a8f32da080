package io.atelier.models.vision;

import java.util.List;
import java.util.Map;

/**
 * A frozen vision network: images in, features out. Does its own resizing and normalisation, so
 * reference and generated images take the same path. Implementations are not thread-safe: one
 * compute thread owns an encoder.
 */
public interface Encoder extends AutoCloseable {

  /**
   * One named output of an encoder for a batch.
   *
   * @param shape (count, channels) for a pooled vector or (count, channels, height, width) for a
   *     map
   * @param values row-major
   */
  record Feature(long[] shape, float[] values) {}

  /** Name and revision, recorded in a run so that scores can be compared. */
  String id();

  /** Names of its outputs (n, C), which describe a whole image. */
  List<String> vectors();

  /** Names of its outputs (n, C, h, w), in order of depth. */
  List<String> maps();

  /** Features by output name, such as {@code low}, {@code mid}, {@code pool}; deterministic. */
  Map<String, Feature> encode(Images images);

  @Override
  void close();
}
