package io.atelier.reward.judge;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/** One image for each prompt that is held against all that are drawn for it. */
@FunctionalInterface
public interface Anchors {

  /** The image of a prompt, always the same. May be called by several threads. */
  Images of(Prompt prompt);
}
