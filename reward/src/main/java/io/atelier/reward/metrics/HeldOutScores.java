package io.atelier.reward.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Held-out measures of one set of samples.
 *
 * @param kidReference {@link Kid} to the references passed through the VAE; lower is nearer
 * @param kidReferenceRaw {@link Kid} to the references as they are
 * @param kidBase {@link Kid} to the samples of the policy before training, if these were given
 * @param styleShare share of samples judged to be of the references' style, 0 to 1, if these are
 *     one of several styles
 * @param retrievalTop1 share of samples that show their concept, 0 to 1, likewise
 * @param diversity mean cosine distance between the samples of a group, 0 (all the same) to 2, if
 *     groups have several
 */
public record HeldOutScores(
    double kidReference,
    double kidReferenceRaw,
    OptionalDouble kidBase,
    OptionalDouble styleShare,
    OptionalDouble retrievalTop1,
    OptionalDouble diversity) {

  /** The measures by the names under which a run reports them. */
  public Map<String, Double> asMap() {
    Map<String, Double> map = new LinkedHashMap<>();
    map.put("kidReference", kidReference);
    map.put("kidReferenceRaw", kidReferenceRaw);
    kidBase.ifPresent(value -> map.put("kidBase", value));
    styleShare.ifPresent(value -> map.put("styleShare", value));
    retrievalTop1.ifPresent(value -> map.put("retrievalTop1", value));
    diversity.ifPresent(value -> map.put("diversity", value));
    return map;
  }
}
