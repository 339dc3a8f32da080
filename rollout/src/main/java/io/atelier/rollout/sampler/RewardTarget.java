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
 * What rewards images are asked to have, s+, and what they are guided away from, s-: with guidance
 * g the velocity is {@code v(s-) + g (v(s+) - v(s-))}. MIRO (Dufour et al. 2025, section 3) writes
 * {@code v(s+) + w (v(s+) - v(s-))}, which is the same with g = 1 + w.
 *
 * @param positive s+ by name, each 0 to 1; a reward that is not in it is missing
 * @param negative s- in the same way
 * @param negativeKeepsText whether the negative branch keeps the prompt; else it has the empty one
 */
public record RewardTarget(
    Map<String, Double> positive, Map<String, Double> negative, boolean negativeKeepsText) {

  public RewardTarget {
    positive = Map.copyOf(positive);
    negative = Map.copyOf(negative);
  }

  /** Away from the value 0 of the same rewards and from the empty prompt. */
  public static RewardTarget of(Map<String, Double> positive) {
    Map<String, Double> worst = new TreeMap<>(positive);
    worst.replaceAll((name, value) -> 0.0);
    return new RewardTarget(positive, worst, false);
  }

  /**
   * Refuses what a model does not know.
   *
   * @throws IllegalArgumentException naming the reward
   */
  public void requireFits(RewardConditionConfig known) {
    known.values(positive);
    known.values(negative);
  }

  /**
   * Conditions with the rewards told.
   *
   * @param work owns what is new
   * @param text what the network is told of prompts, as of a model that knows text alone
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
