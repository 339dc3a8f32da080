package io.atelier.actors.node;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Roles of a cluster node. */
public enum NodeRole {
  /** May lead the run: conductor, learners, run folder. One does, the others wait. */
  LEARNER,
  /** Generates groups. */
  ROLLOUT,
  /** Scores groups. */
  REWARD,
  /** Computes micro-batches for the policy learner of another node. */
  GRADIENT,
  /** Evaluates policy versions, in place of the leading node. */
  EVALUATOR;

  /**
   * Reads roles as on the command line.
   *
   * @param text names with commas between them, such as {@code rollout,reward}, or {@code all}
   * @throws IllegalArgumentException naming the roles there are
   */
  public static Set<NodeRole> parse(String text) {
    if (text.equals("all")) {
      return EnumSet.allOf(NodeRole.class);
    }
    Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
    for (String name : text.split(",", -1)) {
      roles.add(
          Arrays.stream(values())
              .filter(role -> role.toString().equals(name.strip()))
              .findFirst()
              .orElseThrow(() -> unknown(name)));
    }
    return roles;
  }

  private static IllegalArgumentException unknown(String name) {
    String known =
        Arrays.stream(values()).map(NodeRole::toString).collect(Collectors.joining(", "));
    return new IllegalArgumentException(
        "there is no role \"%s\"; roles are %s, and all".formatted(name, known));
  }

  /** As on the command line, and as the role of the cluster's member. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
