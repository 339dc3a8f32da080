package io.atelier.reward.metrics;

import io.atelier.reward.metrics.HeldOut.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Features of what generated images are compared with. In every set but the base's, row i is of an
 * image that shows concept i.
 *
 * @param passed of the images of each style, passed once through the policy's VAE, by the style's
 *     name: a decoder's blur alone makes everything look unlike a raw reference. At least two
 *     styles
 * @param target name of the style that the policy is pulled towards, one of {@code passed}
 * @param raw of the target style as drawn, not passed through the VAE
 * @param probeConcepts concepts on which the style probe is fitted; the others test it
 * @param base of samples of the policy before training, drawn from other noise than what is to be
 *     measured; empty if that distance is not wanted
 */
public record HeldOutReferences(
    SortedMap<String, Features> passed,
    String target,
    Features raw,
    List<Integer> probeConcepts,
    Optional<Features> base) {

  public HeldOutReferences {
    if (passed.size() < 2 || !passed.containsKey(target)) {
      throw new IllegalArgumentException(
          "held-out references need at least 2 styles with \"%s\" among them, got %s"
              .formatted(target, passed.keySet()));
    }
    int concepts = raw.pool().rows();
    for (Map.Entry<String, Features> style : passed.entrySet()) {
      if (style.getValue().pool().rows() != concepts) {
        throw new IllegalArgumentException(
            "style \"%s\" has %d images but the raw references are %d; image i must show concept i"
                .formatted(style.getKey(), style.getValue().pool().rows(), concepts));
      }
    }
    if (probeConcepts.isEmpty() || probeConcepts.size() >= concepts) {
      throw new IllegalArgumentException(
          "the style probe is fitted on %d of %d concepts; some must be left to test it"
              .formatted(probeConcepts.size(), concepts));
    }
  }
}
