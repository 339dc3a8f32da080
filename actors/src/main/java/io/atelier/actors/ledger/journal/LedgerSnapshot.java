package io.atelier.actors.ledger.journal;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.SortedMap;

/**
 * The ledger at a step boundary, as a checkpoint keeps it (plain JSON). Open groups keep only their
 * names: on resume they are generated again, with the same bits.
 *
 * @param format {@link #FORMAT}
 * @param schedule the schedule, which must not change over a resume
 * @param groupsPerStep the same
 * @param step steps trained so far, which is also the version of policy and critic
 * @param nextIndex groups ever named: the next is {@code GroupId(nextIndex / groupsPerStep,
 *     nextIndex % groupsPerStep)}
 * @param counts admitted, trained, dropped and open groups
 * @param open groups that are neither trained nor dropped, in order
 * @param policyHashes content hash of every policy version that is still needed
 * @param criticHashes content hash of every critic version that is still needed
 * @param evaluations steps whose evaluation is due and not made, in order; their policy versions
 *     are still needed
 * @param journalLength bytes of the run's ledger file at this boundary; on resume it is cut to this
 */
public record LedgerSnapshot(
    int format,
    Schedule schedule,
    int groupsPerStep,
    int step,
    long nextIndex,
    Counts counts,
    List<OpenGroup> open,
    SortedMap<Long, String> policyHashes,
    SortedMap<Long, String> criticHashes,
    List<Integer> evaluations,
    long journalLength) {

  /** Version of this layout. */
  public static final int FORMAT = 3;

  /**
   * A group to be generated again.
   *
   * @param id the group
   * @param attempt how often it was replaced
   * @param flats how often of these since all its images had one reward
   */
  public record OpenGroup(GroupId id, int attempt, int flats) {}

  public LedgerSnapshot withJournalLength(long length) {
    return new LedgerSnapshot(
        format,
        schedule,
        groupsPerStep,
        step,
        nextIndex,
        counts,
        open,
        policyHashes,
        criticHashes,
        evaluations,
        length);
  }
}
