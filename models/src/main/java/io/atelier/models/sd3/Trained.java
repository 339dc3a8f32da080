package io.atelier.models.sd3;

import io.atelier.models.state.NamedTensors;
import java.util.Map;

/** What of a velocity network is trained: a low-rank adapter of it, or weights of its own. */
public sealed interface Trained permits AdapterConfig, WholeNetwork {

  /** Name and shape of every trained weight. */
  Map<String, long[]> shapes(MmditConfig network);

  /** Whether no weight of the network that could be trained is left out. */
  default boolean isAll() {
    return false;
  }

  /** Number of values of all trained weights. */
  default long values(MmditConfig network) {
    return NamedTensors.elements(shapes(network).values());
  }
}
