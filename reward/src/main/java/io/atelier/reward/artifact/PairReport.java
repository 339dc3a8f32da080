package io.atelier.reward.artifact;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How well a head separates the clean from the damaged images of a set of pairs.
 *
 * @param kind kind of damage, or source of the pairs
 * @param head how the head's probabilities order the pairs
 * @param others how other rewards order them, by name
 * @param likelihood see {@link PairStatistics#likelihood}
 * @param clean mean probability that a clean image is clean
 * @param damaged mean probability that a damaged image is clean
 */
public record PairReport(
    String kind,
    PairStatistics head,
    SortedMap<String, PairStatistics> others,
    double likelihood,
    double clean,
    double damaged) {

  public static PairReport of(ArtifactHead head, PairSet pairs) {
    float[] clean = head.damage(pairs.clean().features());
    float[] damaged = head.damage(pairs.damaged().features());
    SortedMap<String, PairStatistics> others = new TreeMap<>();
    pairs
        .clean()
        .scores()
        .forEach(
            (name, scores) ->
                others.put(name, PairStatistics.of(scores, pairs.damaged().scores().get(name))));
    return new PairReport(
        pairs.kind(),
        PairStatistics.of(damaged, clean), // swapped: logits of damage are lower if clean
        others,
        PairStatistics.likelihood(clean, damaged),
        mean(clean),
        mean(damaged));
  }

  private static double mean(float[] damage) {
    double sum = 0;
    for (float z : damage) {
      sum += ArtifactHead.clean(z);
    }
    return sum / damage.length;
  }
}
