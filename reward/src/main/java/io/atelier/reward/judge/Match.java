package io.atelier.reward.judge;

import io.atelier.models.vision.Images;

/**
 * Two images to compare.
 *
 * @param first index of the first image in its group, from 0
 * @param second index of the second image, or {@link #ANCHOR}
 * @param firstImage the first image, alone
 * @param secondImage the second image, alone; of the same size
 */
public record Match(int first, int second, Images firstImage, Images secondImage) {

  /** Index of an image that is not in the group. */
  public static final int ANCHOR = -1;
}
