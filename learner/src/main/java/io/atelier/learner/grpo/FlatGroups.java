package io.atelier.learner.grpo;

/**
 * What is done about flat groups: those whose samples all have one reward, so that none is better.
 *
 * @param action what is done
 * @param replacements of {@link Action#REPLACE}: how often one group is replaced before it is kept,
 *     at least 1
 */
public record FlatGroups(Action action, int replacements) {

  /** What can be done. */
  public enum Action {
    /**
     * They are trained on. Advantages that compare samples are 0, but the group counts as others.
     */
    KEEP,
    /**
     * They are left out of the loss, which is the mean over the groups that are left (DAPO, arXiv
     * 2503.14476, keeps such groups out of its batch). An update of which no group is left is not
     * taken. Deviations of the step are still over all of its groups.
     */
    DROP,
    /**
     * Another prompt takes the place of each, and it is not trained on; the ledger sees to that.
     */
    REPLACE
  }

  public static final FlatGroups KEEP = new FlatGroups(Action.KEEP, 3);

  public FlatGroups {
    if (replacements < 1) {
      throw new IllegalArgumentException(
          "flat-replacements is %d, must be at least 1".formatted(replacements));
    }
  }

  boolean drops() {
    return action == Action.DROP;
  }
}
