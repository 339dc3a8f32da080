package io.atelier.rollout;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import java.util.List;

/**
 * Draws image groups with the policy network, one policy version at a time. Not thread-safe: one
 * compute thread owns a generator.
 */
public interface Generator extends AutoCloseable {

  /**
   * The result of sampling one group.
   *
   * @param images the decoded images, in sample order
   * @param completions for each trained step, the images that the states before it lead to without
   *     further noise, in sample order; one image where all samples share that state. Empty unless
   *     state values are needed
   * @param trajectory the trained steps of the same samples, or their clean latents
   */
  record Sampled(Images images, List<Images> completions, Trajectory trajectory) {}

  /**
   * Replaces the policy's trained weights.
   *
   * @return summary of the weights held afterwards
   */
  Held load(NamedTensors policy);

  /** Draws the group; the same id, prompt and policy give the same bits. */
  Sampled sample(GroupId id, Prompt prompt);

  @Override
  void close();
}
