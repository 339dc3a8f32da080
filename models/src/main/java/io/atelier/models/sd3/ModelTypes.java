package io.atelier.models.sd3;

import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.StorageType;

/**
 * The types of a pipeline in memory.
 *
 * @param network what transformer and autoencoder are kept as
 * @param text what the text encoders are kept as
 * @param compute what the velocity network computes in
 */
public record ModelTypes(StorageType network, StorageType text, ComputeType compute) {

  /** As the files have it, computed in float32. */
  public static final ModelTypes DEFAULT =
      new ModelTypes(StorageType.STORED, StorageType.STORED, ComputeType.FLOAT32);
}
