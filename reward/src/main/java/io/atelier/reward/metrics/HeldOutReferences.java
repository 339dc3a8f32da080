package io.atelier.reward.metrics;

import io.atelier.models.vision.Images;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What generated images are compared with. In every set, image i shows concept i.
 *
 * @param passed images of each style, passed once through the policy's VAE, by the style's name: a
 *     decoder's blur alone makes everything look unlike a raw reference. At least two styles
 * @param target name of the style that the policy is pulled towards, one of {@code passed}
 * @param raw the target style as drawn, not passed through the VAE
 * @param probeConcepts concepts on which the style probe is fitted; the others test it
 * @param base samples of the policy before training; empty if that distance is not wanted
 */
public record HeldOutReferences(
    SortedMap<String, Images> passed,
    String target,
    Images raw,
    List<Integer> probeConcepts,
    Optional<Images> base) {

  public HeldOutReferences {
    if (passed.size() < 2 || !passed.containsKey(target)) {
      throw new IllegalArgumentException(
          "held-out references need at least 2 styles with \"%s\" among them, got %s"
              .formatted(target, passed.keySet()));
    }
    for (Map.Entry<String, Images> style : passed.entrySet()) {
      if (style.getValue().count() != raw.count()) {
        throw new IllegalArgumentException(
            "style \"%s\" has %d images but the raw references are %d; image i must show concept i"
                .formatted(style.getKey(), style.getValue().count(), raw.count()));
      }
    }
    if (probeConcepts.isEmpty() || probeConcepts.size() >= raw.count()) {
      throw new IllegalArgumentException(
          "the style probe is fitted on %d of %d concepts; some must be left to test it"
              .formatted(probeConcepts.size(), raw.count()));
    }
  }
}
