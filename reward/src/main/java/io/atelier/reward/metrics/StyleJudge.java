package io.atelier.reward.metrics;

import io.atelier.reward.metrics.HeldOut.Features;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Judges style and content by images of the same concepts in several styles.
 *
 * @param probe tells the styles apart
 * @param target class of the references' style
 * @param accuracy how often the probe is right on concepts that it was not fitted on, 0 to 1
 * @param gallery the concepts in the references' style
 */
record StyleJudge(StyleProbe probe, int target, double accuracy, Retrieval gallery) {

  static StyleJudge of(HeldOutReferences.Styles references) {
    List<FeatureMatrix> styles = references.passed().values().stream().map(Features::mid).toList();
    List<Integer> fitted = references.probeConcepts();
    StyleProbe probe = StyleProbe.fit(styles.stream().map(s -> s.select(fitted)).toList());
    int target = List.copyOf(references.passed().keySet()).indexOf(references.target());
    return new StyleJudge(
        probe, target, accuracy(probe, styles, fitted), new Retrieval(styles.get(target)));
  }

  private static double accuracy(
      StyleProbe probe, List<FeatureMatrix> styles, List<Integer> fitted) {
    List<Integer> rest = new ArrayList<>(IntStream.range(0, styles.get(0).rows()).boxed().toList());
    rest.removeAll(fitted);
    double sum = 0;
    for (int k = 0; k < styles.size(); k++) {
      sum += probe.share(styles.get(k).select(rest), k);
    }
    return sum / styles.size();
  }

  /** Share of samples judged to be of the references' style, 0 to 1. */
  double share(FeatureMatrix samples) {
    return probe.share(samples, target);
  }
}
