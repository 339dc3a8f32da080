package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A run at one moment.
 *
 * @param trained steps that are trained
 * @param last steps after which the run ends
 * @param paused whether no new leases are given
 * @param policy the policy's versions
 * @param critic the critic's versions
 * @param stages open groups by how far they have come, such as {@code generating}; all stages
 * @param counts where the groups have gone
 * @param waiting what the run waits for, apart from what single workers do
 * @param workers the workers of these nodes in their last incarnation, those that are gone included
 * @param nodes the nodes that are there, and up to 50 that were lost within {@code
 *     limits.watchdog}, in the order of their names
 * @param troubles what went wrong with the run as a whole
 */
public record LedgerStatus(
    int trained,
    int last,
    boolean paused,
    Stream policy,
    Stream critic,
    SortedMap<String, Integer> stages,
    Counts counts,
    List<String> waiting,
    List<Worker> workers,
    List<Node> nodes,
    Troubles troubles) {

  /**
   * The versions of one weight stream.
   *
   * @param newest the newest version; -1 if there is none yet
   * @param hash its content hash; empty if there is none
   * @param versions how many are not retired
   */
  public record Stream(long newest, String hash, int versions) {}

  /**
   * One worker.
   *
   * @param state {@code idle}, {@code loading}, {@code leased}, {@code silent} or {@code gone}
   * @param version the version it holds, or is loading; -1 for none
   * @param hash content hash of that version; empty for none, and for one that is retired
   * @param changed tensors that its last load changed
   * @param lease the group it works on
   * @param does what it does or waits for, in words
   * @param millis for how long: since its last order; 0 for one that is idle
   */
  public record Worker(
      WorkerId id,
      String state,
      long version,
      String hash,
      int changed,
      Optional<GroupId> lease,
      String does,
      long millis) {}

  /**
   * One life of a node.
   *
   * @param roles what it has workers for and is able to do
   * @param gone whether it left or was taken for lost
   * @param silentMillis since it was last heard of; 0 for the conductor's own
   * @param setAside why it gets no more work of some role
   */
  public record Node(
      String name, List<Role> roles, boolean gone, long silentMillis, List<String> setAside) {}

  /**
   * What went wrong with the run as a whole, since its conductor began.
   *
   * @param silentNodes times that a node was not heard of and taken for lost
   * @param pauses times that the conductor itself stood still
   * @param pausedMillis for how long, all times together
   */
  public record Troubles(int silentNodes, int pauses, long pausedMillis) {}
}
