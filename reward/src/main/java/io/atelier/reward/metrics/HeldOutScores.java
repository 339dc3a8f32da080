package io.atelier.reward.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Held-out measures of one set of samples.
 *
 * @param kidReference {@link Kid} to the references passed through the VAE; lower is closer
 * @param kidReferenceRaw {@link Kid} to the unchanged references
 * @param kidBase {@link Kid} to the samples of the policy before training, if given
 * @param styleShare share of samples judged to be of the references' style, 0 to 1, if these are
 *     one of several styles
 * @param retrievalTop1 share of samples that show their concept, 0 to 1, under the same condition
 * @param diversity mean cosine distance between the samples of a group, 0 (all equal) to 2, if
 *     groups have several
 */
public record HeldOutScores(
    double kidReference,
    double kidReferenceRaw,
    OptionalDouble kidBase,
    OptionalDouble styleShare,
    OptionalDouble retrievalTop1,
    OptionalDouble diversity) {

  /** Returns the measures by their names in the run's reports. */
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
