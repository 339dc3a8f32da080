package io.atelier.learner.grpo;

/**
 * Handling of flat groups: those whose samples all have the same reward, so that none is better.
 *
 * @param action what is done with them
 * @param replacements for {@link Action#REPLACE}: how often one group is replaced before it is
 *     kept, at least 1
 */
public record FlatGroups(Action action, int replacements) {

  /** What is done with a flat group. */
  public enum Action {
    /**
     * It is trained on. Advantages that compare samples are 0, but the group counts in the mean.
     */
    KEEP,
    /**
     * It is left out of the loss, which is the mean over the remaining groups (DAPO, arXiv
     * 2503.14476, keeps such groups out of its batch). An update with no remaining group is
     * skipped. Standard deviations of the step are still over all of its groups.
     */
    DROP,
    /** The ledger replaces it by a group of another prompt, and it is not trained on. */
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
