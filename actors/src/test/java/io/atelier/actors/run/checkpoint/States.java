package io.atelier.actors.run.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.report.StepState;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Small states of a run. */
public final class States {

  private States() {}

  static NamedTensors tensors(long seed, int size) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new NamedTensors(
        Map.of(
            "a.weight", new NamedTensors.Tensor(new long[] {size}, values),
            "count", new NamedTensors.Tensor(new long[] {}, new float[] {seed})));
  }

  /** A run of a policy with 8,000 values and no critic, in which one group is open. */
  public static StepState of(int step, long seed) {
    NamedTensors published = tensors(seed + 1, 8_000);
    TreeMap<Long, String> hashes = new TreeMap<>(Map.of((long) step, published.contentHash()));
    LedgerSnapshot ledger =
        new LedgerSnapshot(
            LedgerSnapshot.FORMAT,
            Schedule.fixedLag(1, 0),
            4,
            step,
            4L * step + 1,
            new Counts(4L * step + 1, 4L * step, 0, 1, 0, 0, 0),
            List.of(new LedgerSnapshot.OpenGroup(new GroupId(step, 0), 0, 0)),
            hashes,
            new TreeMap<>(),
            List.of(step),
            100L * step);
    return new StepState(
        step,
        tensors(seed, 8_000),
        new NamedTensors(Map.of()),
        new TreeMap<>(Map.of((long) step, published)),
        new TreeMap<>(),
        ledger);
  }

  static void assertSame(StepState expected, StepState actual) {
    assertEquals(expected.step(), actual.step());
    assertEquals(expected.policy().contentHash(), actual.policy().contentHash());
    assertEquals(expected.critic().contentHash(), actual.critic().contentHash());
    assertEquals(expected.ledger(), actual.ledger());
    assertEquals(expected.policyVersions().keySet(), actual.policyVersions().keySet());
    expected
        .policyVersions()
        .forEach(
            (version, tensors) ->
                assertEquals(
                    tensors.contentHash(), actual.policyVersions().get(version).contentHash()));
    assertEquals(expected.criticVersions().keySet(), actual.criticVersions().keySet());
  }
}
