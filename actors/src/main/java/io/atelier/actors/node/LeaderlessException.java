package io.atelier.actors.node;

import java.time.Duration;

/** For too long no node of the cluster has led the run. */
public final class LeaderlessException extends RuntimeException {
  LeaderlessException(Duration time) {
    super(
        ("nobody has led the run for %d s (cluster.leaderless): no learner node is left, or it was"
                + " started again without finding the others; start this node again, so that it"
                + " looks for the run anew")
            .formatted(time.toSeconds()));
  }
}
