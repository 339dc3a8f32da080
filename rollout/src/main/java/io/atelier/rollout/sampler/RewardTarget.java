package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.tensor.Torch;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The rewards requested of images, s+, and those they are guided away from, s-: with guidance g the
 * velocity is {@code v(s-) + g (v(s+) - v(s-))}. MIRO (Dufour et al. 2025, section 3) writes {@code
 * v(s+) + w (v(s+) - v(s-))}, which is the same with g = 1 + w.
 *
 * @param positive s+ by name, each 0 to 1; others count as missing
 * @param negative s- in the same form
 * @param negativeKeepsText whether the negative branch keeps the prompt; otherwise it has the empty
 *     one
 */
public record RewardTarget(
    Map<String, Double> positive, Map<String, Double> negative, boolean negativeKeepsText) {

  public RewardTarget {
    positive = Map.copyOf(positive);
    negative = Map.copyOf(negative);
  }

  /** Guides away from the value 0 of the same rewards and from the empty prompt. */
  public static RewardTarget of(Map<String, Double> positive) {
    Map<String, Double> worst = new TreeMap<>(positive);
    worst.replaceAll((name, value) -> 0.0);
    return new RewardTarget(positive, worst, false);
  }

  /**
   * Rejects rewards that a model is not conditioned on.
   *
   * @throws IllegalArgumentException naming the reward
   */
  public void requireFits(RewardConditionConfig known) {
    known.values(positive);
    known.values(negative);
  }

  /**
   * Adds the rewards to text conditions.
   *
   * @param work owns the new arrays
   * @param text conditions of the prompts alone
   */
  Conditions tell(NDManager work, Conditions text, RewardCondition network) {
    int from = text.guided() ? text.prompts() : 0;
    float[][] rows = new float[text.rows()][];
    Arrays.fill(rows, 0, from, network.config().values(negative));
    Arrays.fill(rows, from, rows.length, network.config().values(positive));
    return Torch.withGradients(
        false,
        (Supplier<Conditions>)
            () -> {
              var pooled = text.pooled().add(network.embed(work, rows));
              pooled.attach(work);
              return new Conditions(text.prompts(), text.context(), text.lastRepeats(), pooled);
            });
  }
}
