package io.atelier.reward.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Held-out measures of one set of samples.
 *
 * @param kidReference {@link Kid} to the target style passed through the VAE; lower is nearer
 * @param kidReferenceRaw {@link Kid} to the target style as drawn
 * @param kidBase {@link Kid} to the samples of the policy before training, if these were given
 * @param styleShare share of samples judged to be of the target style, 0 to 1
 * @param retrievalTop1 share of samples that show their concept, 0 to 1
 * @param diversity mean cosine distance between the samples of a group, 0 (all the same) to 2
 */
public record HeldOutScores(
    double kidReference,
    double kidReferenceRaw,
    OptionalDouble kidBase,
    double styleShare,
    double retrievalTop1,
    double diversity) {

  /** The measures by the names under which a run reports them. */
  public Map<String, Double> asMap() {
    Map<String, Double> map = new LinkedHashMap<>();
    map.put("kidReference", kidReference);
    map.put("kidReferenceRaw", kidReferenceRaw);
    kidBase.ifPresent(value -> map.put("kidBase", value));
    map.put("styleShare", styleShare);
    map.put("retrievalTop1", retrievalTop1);
    map.put("diversity", diversity);
    return map;
  }
}
