package io.atelier.models.state;

import java.util.Arrays;

/**
 * A summary of the weights held after a load, computed from the held weights, not from those passed
 * in, so that a load without effect is noticed.
 *
 * @param hash content hash, see {@link NamedTensors#contentHash}
 * @param changed number of tensors whose values changed; all of them the first time
 */
public record Held(String hash, int changed) {

  /**
   * Compares held weights with the previous ones.
   *
   * @param before weights held before; empty if there were none
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
