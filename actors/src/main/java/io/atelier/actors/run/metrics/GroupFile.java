package io.atelier.actors.run.metrics;

import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.report.GroupTrace;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code groups.jsonl}: a line per trained group, in the order of steps and slots: the workers that
 * sampled and scored it, its rewards and their parts, its advantages, and the duration of each
 * phase. Steps are counted as in {@code metrics.jsonl}, from 1.
 */
public final class GroupFile implements AutoCloseable {

  private final StepLines lines;

  private GroupFile(StepLines lines) {
    this.lines = lines;
  }

  /**
   * @param trained steps trained so far; lines of later steps are dropped
   */
  public static GroupFile open(Path file, int trained, Fence fence) {
    return new GroupFile(StepLines.open(file, trained, fence, (step, json) -> {}));
  }

  public void add(TrainedGroup trained) {
    lines.append(line(trained));
  }

  private static Map<String, Object> line(TrainedGroup trained) {
    GroupTrace trace = trained.trace();
    Generation generation = trained.group().generation();
    Scoring scoring = trained.group().scoring();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", trace.step() + 1);
    line.put("group", trace.id().toString());
    line.put("attempt", trace.attempt());
    line.put("prompt", trained.prompt().text());
    line.put("policy", generation.version());
    line.put("critic", scoring.version());
    line.put("lag", trace.step() - generation.version());
    line.put("rolloutWorker", trace.rolloutWorker());
    line.put("rewardWorker", trace.rewardWorker());
    line.put("rewards", Json.finite(trained.credit().rewards()));
    line.put("advantages", Json.finite(trained.credit().advantages()));
    Map<String, Object> leaves = new LinkedHashMap<>();
    scoring.scores().parts().forEach((name, part) -> leaves.put(name, Json.finite(part)));
    line.put("leaves", leaves);
    Map<String, Object> nodes = new LinkedHashMap<>();
    trained.credit().nodes().forEach((name, node) -> nodes.put(name, Json.finite(node)));
    line.put("nodes", nodes);
    line.put("seconds", seconds(trace));
    line.put("pictures", scoring.pictures().isPresent());
    return line;
  }

  /** Seconds that the group spent in each phase. */
  public static Map<String, Double> seconds(GroupTrace trace) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("queue", between(trace.admitted(), trace.generateStart()));
    seconds.put("generate", between(trace.generateStart(), trace.generateEnd()));
    seconds.put("hold", between(trace.generateEnd(), trace.transferStart()));
    seconds.put("transfer", between(trace.transferStart(), trace.transferEnd()));
    seconds.put("encode", between(trace.encodeStart(), trace.encodeEnd()));
    seconds.put("score", between(trace.encodeEnd(), trace.scoreEnd()));
    seconds.put("wait", between(trace.scoreEnd(), trace.trainStart()));
    seconds.put("train", between(trace.trainStart(), trace.trainEnd()));
    return seconds;
  }

  /** Not negative: clocks of two nodes may differ by more than the time between two events. */
  private static double between(long begin, long end) {
    return Math.max(0, end - begin) / 1e9;
  }

  @Override
  public void close() {
    lines.close();
  }
}
