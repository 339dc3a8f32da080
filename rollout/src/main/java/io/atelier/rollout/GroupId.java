package io.atelier.rollout;

/**
 * Identifies a group. With the run's seed it determines the group's prompt and noise.
 *
 * @param step learner step that the group is for, from 0
 * @param slot index of the group within the step, from 0
 */
public record GroupId(int step, int slot) implements Comparable<GroupId> {

  public GroupId {
    if (step < 0 || slot < 0) {
      throw new IllegalArgumentException(
          "negative group id: step %d, slot %d".formatted(step, slot));
    }
  }

  @Override
  public int compareTo(GroupId other) {
    int byStep = Integer.compare(step, other.step);
    return byStep != 0 ? byStep : Integer.compare(slot, other.slot);
  }

  @Override
  public String toString() {
    return step + "." + slot;
  }
}
