package io.atelier.learner.loss;

import java.util.Map;
import java.util.TreeMap;

/** Running means of {@link LossTerms}. Not thread-safe. */
public final class LossMeans {
  private long count;
  private double loss;
  private double policy;
  private double kl;
  private double ratio;
  private double ratioDistance;
  private double approxKl;
  private long above;
  private long below;

  public void add(LossTerms terms) {
    count++;
    loss += terms.loss();
    policy += terms.policy();
    kl += terms.kl();
    ratio += terms.ratio();
    ratioDistance = Math.max(ratioDistance, Math.abs(terms.ratio() - 1));
    approxKl += terms.approxKl();
    above += terms.above() ? 1 : 0;
    below += terms.below() ? 1 : 0;
  }

  /** Returns the means by the metric names of a run; empty if nothing was added. */
  public Map<String, Double> measurements() {
    Map<String, Double> means = new TreeMap<>();
    if (count > 0) {
      means.put("policy/loss", loss / count);
      means.put("policy/surrogate", policy / count);
      means.put("policy/kl", kl / count);
      means.put("policy/ratio", ratio / count);
      means.put("policy/ratio-distance-max", ratioDistance);
      means.put("policy/approx-kl", approxKl / count);
      means.put("policy/clip-fraction", (double) (above + below) / count);
      means.put("policy/clip-fraction-high", (double) above / count);
      means.put("policy/clip-fraction-low", (double) below / count);
    }
    return means;
  }
}
