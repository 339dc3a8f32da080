package io.atelier.actors.report;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;

/**
 * A finished evaluation.
 *
 * @param step policy updates before the evaluation
 * @param policyHash content hash of the evaluated policy
 * @param result its result
 * @param seconds how long it took
 */
public record EvaluationReport(int step, String policyHash, Result result, double seconds) {

  /**
   * The result of an evaluation.
   *
   * @param metrics measurements by name, such as {@code kidReference}
   * @param images a few images to look at, of fixed prompts and seeds
   * @param prompts their prompts, one for each image
   */
  public record Result(Map<String, Double> metrics, Images images, List<Prompt> prompts) {}
}
