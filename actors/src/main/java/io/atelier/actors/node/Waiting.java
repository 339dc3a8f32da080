package io.atelier.actors.node;

import io.atelier.actors.config.cluster.ClusterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a node that waits says: for whom, and why.
 *
 * @param cluster where it is, and whom it joins by
 * @param roles its own
 */
record Waiting(ClusterConfig cluster, Set<NodeRole> roles) {

  private static final String LEARNER = NodeRole.LEARNER.toString();

  /** For one that has not joined; connects to all seeds, for a second each at most. */
  Optional<String> toJoin() {
    List<String> seeds = new ArrayList<>();
    for (String seed : cluster.seeds()) {
      if (!seed.equals(cluster.self())) {
        seeds.add(
            "%s (%s)"
                .formatted(
                    seed,
                    Seeds.silence(seed)
                        .orElse(
                            "listens, but does not let this node in: it has to have that address as"
                                + " its cluster.host, and cluster.tls as here")));
      }
    }
    return seeds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s is in no cluster yet, waits for one of cluster.seeds: %s"
                .formatted(cluster.self(), String.join(", ", seeds)));
  }

  /** For one that has joined, and that nobody leads. A learner leads, or waits for another one. */
  Optional<String> toBeLed(List<Member> members) {
    if (roles.contains(NodeRole.LEARNER)) {
      return Optional.empty();
    }
    String learners =
        members.stream()
            .filter(m -> m.roles().contains(LEARNER))
            .map(m -> m.address() + (m.reachable() ? "" : " (does not answer)"))
            .collect(Collectors.joining(", "));
    return Optional.of(
        "%s waits for a node that leads the run: %s"
            .formatted(
                cluster.self(),
                learners.isEmpty()
                    ? "none of the %d nodes here has the role learner; start one"
                        .formatted(members.size())
                    : learners + " has not begun yet"));
  }
}
