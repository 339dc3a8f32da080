package io.atelier.reward.sum;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/** A user-defined reward: one number for each image of a group, higher is better. */
@FunctionalInterface
public interface ImageReward {

  /** Returns a finite score for each image, in order; the same input must give the same scores. */
  float[] score(Images images, Prompt prompt);
}
