package io.atelier.reward.metrics;

import io.atelier.reward.metrics.HeldOut.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Features of what generated images are compared with.
 *
 * @param passed of the references, passed once through the policy's VAE: a decoder's blur alone
 *     makes everything look unlike a raw reference
 * @param raw of the same references as they are
 * @param styles of one set of concepts in several styles, where there is such a thing
 * @param base of samples of the policy before training, of the same prompts as what is to be
 *     measured, as many of each, from other noise; empty if that distance is not wanted
 * @param prompts of each reference the place of its prompt among those that are measured; empty if
 *     references are of no prompt
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

  /** References of no prompt. */
  public HeldOutReferences(
      Features passed, Features raw, Optional<Styles> styles, Optional<Features> base) {
    this(passed, raw, styles, base, List.of());
  }

  /**
   * The same concepts in several styles, of which the references are one. In every set, row i is of
   * an image that shows concept i.
   *
   * @param passed of the images of each style, passed once through the VAE, by the style's name; at
   *     least two
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

  /** References that are one of several styles. */
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
