package io.atelier.actors.run.record;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code summary.json}: how a run ended, for scripts.
 *
 * @param steps steps trained
 * @param policyHash content hash of the last policy version
 * @param criticHash content hash of the last critic version
 * @param groupsAdmitted groups ever started
 * @param groupsTrained groups that entered an update
 * @param groupsDropped groups given up
 * @param images images sampled for training
 * @param imagesPerUpdate images per optimizer update of the policy
 * @param wallSeconds time spent, over all resumes
 * @param heldOut measurements before and after; in the file {@code trainedPrompts} if the measured
 *     prompts are trained on
 */
public record RunSummary(
    int steps,
    String policyHash,
    String criticHash,
    long groupsAdmitted,
    long groupsTrained,
    long groupsDropped,
    long images,
    double imagesPerUpdate,
    double wallSeconds,
    @JsonAlias("trainedPrompts") HeldOut heldOut) {

  /**
   * @param start the base, which is version 0; nulls if it was not measured
   * @param end the last trained version that was measured; nulls if there is none
   */
  public record HeldOut(Measured start, Measured end) {}

  /**
   * Measurements by a network that no reward uses; null where there are none.
   *
   * @param kidReference kernel distance to the reference set, x1000; lower is nearer
   * @param styleShare share of images judged to be of the reference style, 0 to 1
   * @param retrievalTop1 share of images that show their concept, 0 to 1
   * @param diversity mean distance within a prompt's images
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Measured(
      Double kidReference, Double styleShare, Double retrievalTop1, Double diversity) {

    /** Takes the four from an evaluation's line. */
    static Measured of(Map<String, ?> metrics) {
      return new Measured(
          decimal(metrics, "kidReference"),
          decimal(metrics, "styleShare"),
          decimal(metrics, "retrievalTop1"),
          decimal(metrics, "diversity"));
    }

    private static Double decimal(Map<String, ?> metrics, String key) {
      return metrics.get(key) instanceof Number number && Double.isFinite(number.doubleValue())
          ? number.doubleValue()
          : null;
    }
  }

  /**
   * @param measured decides the key of the measurements
   */
  void write(Path file, MeasuredPrompts measured, Fence fence) {
    ObjectNode tree = Json.MAPPER.valueToTree(this);
    tree.set(measured.summary(), tree.remove("heldOut"));
    Durable.replace(file, Json.pretty(tree), fence);
  }

  public static RunSummary read(Path file) {
    try {
      return Json.MAPPER.readValue(
          new String(Storage.bytes(file), StandardCharsets.UTF_8), RunSummary.class);
    } catch (JsonProcessingException e) {
      throw new RunFolderException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Summarizes a run that is over.
   *
   * @param measured lines of its evaluations
   * @param elapsed seconds that the run took
   */
  static RunSummary of(
      RunEnd finished, RecorderPlan plan, List<Map<String, Object>> measured, double elapsed) {
    long sampled =
        finished.counts().trained() + finished.counts().dropped() + finished.counts().regenerated();
    long images = sampled * plan.groupSize();
    TreeMap<Integer, Map<String, Object>> evaluations = new TreeMap<>();
    measured.forEach(line -> evaluations.put(((Number) line.get("step")).intValue(), line));
    Map<String, Object> base = evaluations.getOrDefault(0, Map.of());
    evaluations.remove(finished.steps() > 0 ? 0 : -1); // the base is not what training led to
    Map<String, Object> last =
        evaluations.isEmpty() ? Map.of() : evaluations.lastEntry().getValue();
    return new RunSummary(
        finished.steps(),
        finished.policyHash(),
        finished.criticHash(),
        finished.counts().admitted(),
        finished.counts().trained(),
        finished.counts().dropped(),
        images,
        images / (double) Math.max(1, finished.steps() * plan.updatesPerStep()),
        elapsed,
        new HeldOut(Measured.of(base), Measured.of(last)));
  }
}
