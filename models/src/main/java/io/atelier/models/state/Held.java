package io.atelier.models.state;

import java.util.Arrays;

/**
 * What is held after weights were loaded, computed over what is held and not over what was given: a
 * load that did nothing shows.
 *
 * @param hash content hash, see {@link NamedTensors#contentHash}
 * @param changed tensors whose values are others than before; all of them the first time
 */
public record Held(String hash, int changed) {

  /**
   * Compares what is held with what was.
   *
   * @param before what was held; empty if there was nothing
   */
  public static Held of(NamedTensors before, NamedTensors now) {
    int changed = 0;
    for (String name : now.names()) {
      if (!before.contains(name) || !same(before.get(name), now.get(name))) {
        changed++;
      }
    }
    return new Held(now.contentHash(), changed);
  }

  private static boolean same(NamedTensors.Tensor one, NamedTensors.Tensor other) {
    return Arrays.equals(one.shape(), other.shape()) && Arrays.equals(one.values(), other.values());
  }
}
