package io.atelier.reward.judge;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/** Provides one image for each prompt, with which all of its samples are compared. */
@FunctionalInterface
public interface Anchors {

  /** Returns the image of a prompt, always the same. May be called by several threads. */
  Images of(Prompt prompt);
}
