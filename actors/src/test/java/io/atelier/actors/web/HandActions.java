package io.atelier.actors.web;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.UnansweredException;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A run that does what a test says, on two nodes: three workers, of which one holds an old version.
 */
record HandActions(BiFunction<String, Map<String, String>, RunStatus.Done> does, boolean answers)
    implements RunActions {

  static final String POLICY = "5f3a90c1d2e4";
  static final String OLDER = "01b2c3d4e5f6";
  static final String FIGURES = "atelier_reward 1\n";

  static HandActions obedient() {
    return new HandActions((name, values) -> new RunStatus.Done(true, name), true);
  }

  @Override
  public RunStatus.Done act(String name, Map<String, String> values) {
    return does.apply(name, values);
  }

  @Override
  public RunStatus status() {
    if (!answers) {
      throw new UnansweredException("the run does not answer");
    }
    TreeMap<String, Integer> stages =
        new TreeMap<>(Map.of("generating", 2, "scoring", 1, "landed", 0));
    LedgerStatus ledger =
        new LedgerStatus(
            10,
            80,
            false,
            new LedgerStatus.Stream(10, POLICY, 2),
            new LedgerStatus.Stream(10, "cc00dd11ee22", 1),
            stages,
            new Counts(23, 20, 0, 3, 0, 0, 0),
            List.of("1 of 2 groups of step 11"),
            List.of(
                worker(Role.ROLLOUT, "rollout-0", "node-a", "leased", POLICY, 10, "samples"),
                worker(Role.ROLLOUT, "rollout-1", "node-b", "loading", OLDER, 9, "loads <10>"),
                worker(Role.REWARD, "reward-0", "node-b", "gone", "", -1, "left")),
            List.of(
                new LedgerStatus.Node("node-a", List.of(Role.ROLLOUT), false, 0, List.of()),
                new LedgerStatus.Node("node-b", List.of(Role.ROLLOUT), false, 300, List.of())),
            new LedgerStatus.Troubles(1, 0, 0));
    return new RunStatus(
        2,
        "10.0.0.1:25520",
        "http://127.0.0.1:25600",
        ledger,
        new RunStatus.Recent(
            10,
            6.4,
            2.5,
            new TreeMap<>(Map.of(0, 20)),
            new TreeMap<>(Map.of("rollout", 0.12, "reward", 0.5)),
            new TreeMap<>(Map.of("rollout-0", 1.5))),
        List.of(new RunStatus.Helper("evaluator", "10.0.0.2:25520", "waits for an evaluation", 3)),
        new TreeMap<>(Map.of("node-a", "10.0.0.1:25520", "node-b", "10.0.0.2:25520")),
        new TreeMap<>(Map.of("node-a", "the CPU in float32", "node-b", "an H200 in bfloat16")),
        new TreeMap<>(Map.of("configuration", "aa11bb22cc33")));
  }

  @Override
  public String metrics() {
    return FIGURES;
  }

  private static LedgerStatus.Worker worker(
      Role role, String name, String node, String state, String hash, long version, String does) {
    Optional<GroupId> lease =
        state.equals("leased") ? Optional.of(new GroupId(10, 1)) : Optional.empty();
    return new LedgerStatus.Worker(
        new WorkerId(role, name, 0, node), state, version, hash, 2, lease, does, 400);
  }
}
