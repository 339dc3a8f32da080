package io.atelier.models.sd3;

import java.util.Map;

/**
 * All weights of a velocity network are trained, but not its table of positions, which is fixed.
 */
public record WholeNetwork() implements Trained {

  static final String FIXED = "pos_embed.pos_embed";

  @Override
  public Map<String, long[]> shapes(MmditConfig network) {
    Map<String, long[]> shapes = network.shapes();
    shapes.remove(FIXED);
    return shapes;
  }
}
