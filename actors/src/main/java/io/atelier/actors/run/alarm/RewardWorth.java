package io.atelier.actors.run.alarm;

import io.atelier.actors.run.file.RunFiles;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far the rewards of a run can be trusted, and what they prefer; see {@link Hacking}. */
public final class RewardWorth {

  private RewardWorth() {}

  /**
   * Judges the rewards of a run, running or over.
   *
   * @param curves of the run
   * @param files of the run, searched for grids of images
   * @return {@code rewards}: the name, first and last mean, correlations, and how often it prefers
   *     a reference, for each; {@code herding}: sentences; {@code step}: the last one whose highest
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
