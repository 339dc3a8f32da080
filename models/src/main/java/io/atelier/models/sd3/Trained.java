package io.atelier.models.sd3;

import java.util.Map;

/** What of a velocity network is trained: a low-rank adapter of it, or the network as a whole. */
public sealed interface Trained permits AdapterConfig, WholeNetwork {

  /** Name and shape of every trained weight. */
  Map<String, long[]> shapes(MmditConfig network);
}
