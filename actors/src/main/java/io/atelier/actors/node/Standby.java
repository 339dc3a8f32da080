package io.atelier.actors.node;

import akka.cluster.Cluster;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import java.util.OptionalInt;
import java.util.Set;

/** The other nodes that may lead the run. */
record Standby(Cluster cluster) {

  /**
   * Whether one of them goes on when this process fails. What fails on two nodes in a row without a
   * step of progress is the run's own fault, and fails everywhere.
   *
   * @param trained steps that this process has trained up to; 0 if none
   * @param failedAt steps at which the leader before this one failed; empty if it did not
   */
  boolean goesOn(int trained, OptionalInt failedAt) {
    if (failedAt.isPresent() && trained <= failedAt.getAsInt()) {
      return false;
    }
    ClusterEvent.CurrentClusterState state = cluster.state();
    Set<Member> unreachable = state.getUnreachable();
    for (Member member : state.getMembers()) {
      if (member.hasRole(NodeRole.LEARNER.toString())
          && member.status().equals(MemberStatus.up())
          && !member.uniqueAddress().equals(cluster.selfUniqueAddress())
          && !unreachable.contains(member)) {
        return true;
      }
    }
    return false;
  }
}
