package io.atelier.reward.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the best of n images by a reward, without any training: if the reward is over-optimised,
 * its scores rise with n and the measures do not. Source: best-of-n as in Eisenstein et al. (arXiv
 * 2312.09244), who compare ensembles by it.
 */
public final class BestOf {

  private BestOf() {}

  /**
   * Returns the image with the highest score of each complete block of n; for ties the first.
   *
   * @param scores scores of the images of one prompt
   * @param n images per block, 1 to the number of images
   * @return indices of images, block by block
   */
  static int[] winners(float[] scores, int n) {
    if (n < 1 || n > scores.length) {
      throw new IllegalArgumentException(
          "the best of %d cannot be chosen from %d images".formatted(n, scores.length));
    }
    int[] winners = new int[scores.length / n];
    for (int block = 0; block < winners.length; block++) {
      int best = block * n;
      for (int image = best; image < (block + 1) * n; image++) {
        best = scores[image] > scores[best] ? image : best;
      }
      winners[block] = best;
    }
    return winners;
  }

  /**
   * Computes the measures of {@link HeldOutScores} for one image per prompt, the best of n,
   * averaged over the blocks of n images, so that small n are not noisy while every measure is of
   * the same number of images for any n. {@code diversity} is that between the blocks' winners for
   * a prompt, left out if there is one block; {@code score} is the mean score of the winners.
   *
   * @param drawn features of all images, prompt by prompt, the same number for each
   * @param concepts the concept that each prompt asks for
   * @param scores scores of the images of each prompt
   * @param n images to choose from
   */
  public static Map<String, Double> measure(
      HeldOut heldOut,
      HeldOut.Features drawn,
      List<Integer> concepts,
      List<float[]> scores,
      int n) {
    List<int[]> winners = scores.stream().map(own -> winners(own, n)).toList();
    int blocks = winners.get(0).length;
    Map<String, Double> sums = new LinkedHashMap<>();
    for (int block = 0; block < blocks; block++) {
      List<Integer> chosen = new ArrayList<>();
      for (int prompt = 0; prompt < scores.size(); prompt++) {
        int winner = winners.get(prompt)[block];
        chosen.add(prompt * scores.get(prompt).length + winner);
        sums.merge("score", (double) scores.get(prompt)[winner] / scores.size(), Double::sum);
      }
      heldOut
          .score(drawn.select(chosen), concepts, 1)
          .asMap()
          .forEach((name, value) -> sums.merge(name, value, Double::sum));
    }
    sums.replaceAll((name, sum) -> sum / blocks);
    if (blocks > 1) {
      sums.put("diversity", heldOut.diversity(drawn.select(all(winners, scores)), blocks));
    }
    return sums;
  }

  /** Returns the winners of all blocks, prompt by prompt. */
  private static List<Integer> all(List<int[]> winners, List<float[]> scores) {
    List<Integer> all = new ArrayList<>();
    for (int prompt = 0; prompt < winners.size(); prompt++) {
      for (int winner : winners.get(prompt)) {
        all.add(prompt * scores.get(prompt).length + winner);
      }
    }
    return all;
  }
}
