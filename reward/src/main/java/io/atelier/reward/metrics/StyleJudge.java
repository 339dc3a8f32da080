package io.atelier.reward.metrics;

import io.atelier.reward.metrics.HeldOut.Features;
import java.util.List;

/**
 * Judges style and content by images of the same concepts in several styles.
 *
 * @param probe classifier of the styles
 * @param target class of the references' style
 * @param gallery the concepts in the references' style
 */
record StyleJudge(StyleProbe probe, int target, Retrieval gallery) {

  static StyleJudge of(HeldOutReferences.Styles references) {
    List<FeatureMatrix> styles = references.passed().values().stream().map(Features::mid).toList();
    List<Integer> fitted = references.probeConcepts();
    StyleProbe probe = StyleProbe.fit(styles.stream().map(s -> s.select(fitted)).toList());
    int target = List.copyOf(references.passed().keySet()).indexOf(references.target());
    return new StyleJudge(probe, target, new Retrieval(styles.get(target)));
  }

  /** Returns the share of samples judged to be of the references' style, 0 to 1. */
  double share(FeatureMatrix samples) {
    return probe.share(samples, target);
  }
}
