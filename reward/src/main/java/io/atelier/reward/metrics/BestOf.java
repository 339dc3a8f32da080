package io.atelier.reward.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures what a reward chooses of n images, without any training: where it is pleased by what is
 * no better, its scores rise with n and the measures do not. Source: best-of-n as Eisenstein et al.
 * (arXiv 2312.09244) compare ensembles by.
 */
public final class BestOf {

  private BestOf() {}

  /**
   * The image with the highest score of each whole block of n; of equal ones the first.
   *
   * @param scores of the images of one prompt
   * @param n images of a block, 1 to as many as there are
   * @return places of images, block after block
   */
  static int[] winners(float[] scores, int n) {
    if (n < 1 || n > scores.length) {
      throw new IllegalArgumentException(
          "the best of %d cannot be chosen of %d images".formatted(n, scores.length));
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
   * The measures of {@link HeldOutScores} of one image for each prompt, the best of n: the mean
   * over the blocks of n that the images make, so that small n are not noisy, while every measure
   * is of as many images whatever n. {@code diversity} is that between the blocks' choices for a
   * prompt, left out where there is one block; {@code score} is the mean score of what is chosen.
   *
   * @param drawn of all images, prompt after prompt, as many of each
   * @param concepts the concept that each prompt asks for
   * @param scores of each prompt those of its images
   * @param n images to choose of
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

  /** What all blocks choose, prompt after prompt. */
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
