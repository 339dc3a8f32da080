package io.atelier.rollout;

/**
 * Names a group, and with the run's seed decides all of its randomness: its prompt and its noise.
 *
 * @param step learner update that the group is for, from 0
 * @param slot place of the group within the step, from 0
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
