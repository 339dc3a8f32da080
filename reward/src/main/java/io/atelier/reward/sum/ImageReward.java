package io.atelier.reward.sum;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/** A reward of your own: one number for each image of a group, higher is better. */
@FunctionalInterface
public interface ImageReward {

  /** As many finite scores as there are images, in their order; the same input, the same scores. */
  float[] score(Images images, Prompt prompt);
}
