package io.atelier.reward.judge;

import io.atelier.models.vision.Images;

/**
 * Two images that are held against each other.
 *
 * @param first place in its group of the one, from 0
 * @param second place of the other, or {@link #ANCHOR}
 * @param firstImage the one, alone
 * @param secondImage the other, alone; of the same size
 */
public record Match(int first, int second, Images firstImage, Images secondImage) {

  /** Stands for an image that is not of the group. */
  public static final int ANCHOR = -1;
}
