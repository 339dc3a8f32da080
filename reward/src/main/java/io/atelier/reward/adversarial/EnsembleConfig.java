package io.atelier.reward.adversarial;

/**
 * Several heads on one encoder, trained side by side, whose scores are combined. Scorer and critic
 * must use the same. Source: the fine-tune ensembles of Eisenstein et al. (arXiv 2312.09244):
 * members that differ in initial weights and training data.
 *
 * @param members heads K, 1 to {@link #MOST}
 * @param bootstrap probability, above 0 and at most 1, that a member is trained on a given
 *     reference; ignored for a single member, which is trained on all
 * @param aggregate how the members' scores are combined; ignored for a single member
 */
public record EnsembleConfig(int members, double bootstrap, Aggregate aggregate) {

  /** One head. */
  public static final EnsembleConfig SINGLE = new EnsembleConfig(1, 1, Aggregate.MEAN);

  /** Upper bound, far above any useful number; each member costs memory and time. */
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
