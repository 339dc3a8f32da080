package io.atelier.reward.metrics;

import io.atelier.reward.metrics.HeldOut.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Features that generated images are compared with.
 *
 * @param passed features of the references, passed once through the policy's VAE: a decoder's blur
 *     alone makes any image differ from a raw reference
 * @param raw features of the unchanged references
 * @param styles features of the same concepts in several styles, if available
 * @param base features of samples of the policy before training, of the same prompts as the
 *     measured samples, the same number of each, from other noise; empty if that distance is not
 *     measured
 * @param prompts index of each reference's prompt among those that are measured; empty if
 *     references have no prompts
 */
public record HeldOutReferences(
    Features passed,
    Features raw,
    Optional<Styles> styles,
    Optional<Features> base,
    List<Integer> prompts) {

  public HeldOutReferences {
    prompts = List.copyOf(prompts);
  }

  /** References without prompts. */
  public HeldOutReferences(
      Features passed, Features raw, Optional<Styles> styles, Optional<Features> base) {
    this(passed, raw, styles, base, List.of());
  }

  /**
   * The same concepts in several styles, one of which is that of the references. In every set, row
   * i is of an image of concept i.
   *
   * @param passed features of the images of each style, passed once through the VAE, by the style's
   *     name; at least two
   * @param target name of the references' style, one of {@code passed}
   * @param probeConcepts concepts on which the style probe is fitted; the others test it
   */
  public record Styles(
      SortedMap<String, Features> passed, String target, List<Integer> probeConcepts) {

    public Styles {
      if (passed.size() < 2 || !passed.containsKey(target)) {
        throw new IllegalArgumentException(
            "held-out references need at least 2 styles with \"%s\" among them, got %s"
                .formatted(target, passed.keySet()));
      }
      int concepts = passed.get(target).pool().rows();
      for (Map.Entry<String, Features> style : passed.entrySet()) {
        if (style.getValue().pool().rows() != concepts) {
          throw new IllegalArgumentException(
              "style \"%s\" has %d images but \"%s\" has %d; image i must show concept i"
                  .formatted(style.getKey(), style.getValue().pool().rows(), target, concepts));
        }
      }
      if (probeConcepts.isEmpty() || probeConcepts.size() >= concepts) {
        throw new IllegalArgumentException(
            "the style probe is fitted on %d of %d concepts; some must be left to test it"
                .formatted(probeConcepts.size(), concepts));
      }
    }
  }

  /** Creates references that are one of several styles. */
  public static HeldOutReferences of(Styles styles, Features raw, Optional<Features> base) {
    Features passed = styles.passed().get(styles.target());
    if (raw.pool().rows() != passed.pool().rows()) {
      throw new IllegalArgumentException(
          "style \"%s\" has %d images but the raw references are %d; image i must show concept i"
              .formatted(styles.target(), passed.pool().rows(), raw.pool().rows()));
    }
    return new HeldOutReferences(passed, raw, Optional.of(styles), base);
  }
}
