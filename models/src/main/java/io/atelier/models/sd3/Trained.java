package io.atelier.models.sd3;

import io.atelier.models.state.NamedTensors;
import java.util.Map;

/** The trained part of a velocity network: a low-rank adapter, or weights of the network itself. */
public sealed interface Trained permits AdapterConfig, WholeNetwork {

  /** Name and shape of every trained weight. */
  Map<String, long[]> shapes(MmditConfig network);

  /** Whether all trainable weights of the network are trained. */
  default boolean isAll() {
    return false;
  }

  /** Number of values of all trained weights. */
  default long values(MmditConfig network) {
    return NamedTensors.elements(shapes(network).values());
  }
}
