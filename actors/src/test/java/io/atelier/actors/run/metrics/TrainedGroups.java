package io.atelier.actors.run.metrics;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.GroupTrace;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Groups of two images that were trained. */
public final class TrainedGroups {

  private static final long MS = 1_000_000;

  /** When the first of their phases begins, less a millisecond. */
  private static final long NOW = 5 * MS;

  private TrainedGroups() {}

  /**
   * A group of step {@code step}, from 0, whose phases begin 1, 2, 4, 5, 6, 6, 7, 8 and 10 ms after
   * 5 ms. It was drawn by the policy of the step before. That in slot 0 has no pictures.
   */
  public static TrainedGroup of(int step, int slot) {
    return of(step, slot, slot == 0 ? Optional.empty() : Optional.of(blob(4)));
  }

  /** The same with these pictures. */
  public static TrainedGroup of(int step, int slot, Optional<BlobRef> pictures) {
    GroupId id = new GroupId(step, slot);
    GroupTrace trace =
        new GroupTrace(
            id,
            0,
            step,
            "rollout-0",
            "reward-0",
            NOW + MS,
            NOW + 2 * MS,
            NOW + 4 * MS,
            NOW + 5 * MS,
            NOW + 6 * MS,
            NOW + 6 * MS,
            NOW + 7 * MS,
            NOW + 8 * MS,
            NOW + 10 * MS,
            NOW + 16 * MS);
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("jpeg", new float[] {0.5f, -0.25f});
    parts.put("adversarial", new float[] {1, 2});
    parts.put("adversarial/global", new float[] {3, Float.NaN});
    TrainingGroup group =
        new TrainingGroup(
            id,
            0,
            0,
            2,
            new Generation(
                new WorkerId(Role.ROLLOUT, "rollout-0", 0, "node"),
                Math.max(0, step - 1),
                "aa",
                blob(1),
                blob(2),
                new Span(NOW + 2 * MS, NOW + 4 * MS)),
            new Scoring(
                new WorkerId(Role.REWARD, "reward-0", 0, "node"),
                step,
                "bb",
                new Reward.Scored(new float[] {1.5f, 1.75f}, parts),
                List.of(),
                Optional.of(blob(3)),
                pictures,
                new Span(NOW + 5 * MS, NOW + 6 * MS),
                NOW + 7 * MS,
                new Span(NOW + 6 * MS, NOW + 8 * MS)));
    GroupCredit credit =
        new GroupCredit(
            new float[] {1.5f, 1.75f},
            new double[] {-1, 1},
            Map.of("even", new double[] {0.125, Double.NaN}));
    return new TrainedGroup(trace, group, new Prompt(7, "a red \"apple\""), credit);
  }

  private static BlobRef blob(long id) {
    return new BlobRef("node", id, 10, 0);
  }
}
