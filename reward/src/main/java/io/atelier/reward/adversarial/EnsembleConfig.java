package io.atelier.reward.adversarial;

/**
 * Several heads on one encoder that learn side by side and score together. Scorer and critic must
 * have the same. Source: the fine-tune ensembles of Eisenstein et al. (arXiv 2312.09244): members
 * that differ by first weights and by what they saw.
 *
 * @param members heads K, 1 to {@link #MOST}
 * @param bootstrap chance, above 0 and at most 1, that a member learns from a reference at all;
 *     without meaning for one member, which learns from every one
 * @param aggregate how the members' scores become one; without meaning for one member
 */
public record EnsembleConfig(int members, double bootstrap, Aggregate aggregate) {

  /** One head. */
  public static final EnsembleConfig SINGLE = new EnsembleConfig(1, 1, Aggregate.MEAN);

  /** Far more than anyone has found a use for; each has its weights and its time. */
  public static final int MOST = 64;

  public EnsembleConfig {
    if (members < 1 || members > MOST) {
      throw new IllegalArgumentException(
          "members %d must be 1 to %d heads".formatted(members, MOST));
    }
    if (!(bootstrap > 0 && bootstrap <= 1)) {
      throw new IllegalArgumentException(
          "bootstrap %s must be above 0 and at most 1, a share of the references"
              .formatted(bootstrap));
    }
  }

  /** Whether there is more than one head. */
  public boolean several() {
    return members > 1;
  }
}
