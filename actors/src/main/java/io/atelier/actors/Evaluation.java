package io.atelier.actors;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;

/**
 * Measurement of a policy apart from its reward. Draws with seeds of its own that are the same at
 * every step. Not thread-safe: one compute thread owns it.
 */
public interface Evaluation extends AutoCloseable {

  /**
   * @param metrics measurements by name, such as {@code kidReference}
   * @param images a few images to look at, of fixed prompts and seeds
   * @param prompts their prompts, one for each image
   */
  record Result(Map<String, Double> metrics, Images images, List<Prompt> prompts) {}

  /** Measures the policy with these published weights; {@code step} only names it in errors. */
  Result evaluate(int step, NamedTensors policy);

  @Override
  void close();
}
