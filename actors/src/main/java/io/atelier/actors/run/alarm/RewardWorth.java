package io.atelier.actors.run.alarm;

import io.atelier.actors.run.file.RunFiles;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the rewards of a run are worth, and what they like; see {@link Hacking}. */
public final class RewardWorth {

  private RewardWorth() {}

  /**
   * Of a run that goes on, or is over.
   *
   * @param curves its course
   * @param files of which those of images are looked for
   * @return {@code rewards}: of each its name, first and last mean, correlations, and how often it
   *     prefers a reference; {@code herding}: sentences; {@code step}: the last one whose highest
   *     and lowest images are kept, or null
   */
  public static Map<String, Object> of(RunCurves curves, RunFiles files) {
    Map<String, Object> worth = new LinkedHashMap<>();
    worth.put("rewards", Hacking.rows(curves).stream().map(Hacking.Row::json).toList());
    worth.put("herding", Hacking.herding(curves).stream().map(Hacking.Herding::text).toList());
    List<Integer> kept =
        curves.steps().keySet().stream()
            .filter(step -> Files.exists(files.highest(step)) && Files.exists(files.lowest(step)))
            .toList();
    worth.put("step", kept.isEmpty() ? null : kept.get(kept.size() - 1));
    return worth;
  }
}
