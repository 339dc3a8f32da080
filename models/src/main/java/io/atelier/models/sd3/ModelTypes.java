package io.atelier.models.sd3;

import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.StorageType;

/**
 * The types of a pipeline in memory.
 *
 * @param network storage type of transformer and autoencoder
 * @param text storage type of the text encoders
 * @param compute type that the velocity network computes in
 */
public record ModelTypes(StorageType network, StorageType text, ComputeType compute) {

  /** Stored as in the files, computed in float32. */
  public static final ModelTypes DEFAULT =
      new ModelTypes(StorageType.STORED, StorageType.STORED, ComputeType.FLOAT32);
}
