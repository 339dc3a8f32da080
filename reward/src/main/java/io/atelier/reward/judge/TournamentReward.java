package io.atelier.reward.judge;

import io.atelier.models.vision.Images;
import io.atelier.reward.Reward;
import io.atelier.reward.judge.PairJudge.Judged;
import io.atelier.reward.judge.PairJudge.Later;
import io.atelier.reward.judge.PairJudge.Never;
import io.atelier.reward.judge.PairJudge.Verdict;
import io.atelier.rollout.ImageGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Win rate of an image against others. All against all: {@code r_i = mean over j != i of P(i better
 * than j)}, 0 to 1, with sum G / 2 over G images: the win rate of Pref-GRPO (arXiv 2508.20751) with
 * probabilities instead of wins. Against an anchor: {@code r_i = P(i better than the anchor)}.
 */
public final class TournamentReward implements Reward {

  private final String name;
  private final PairJudge judge;
  private final Optional<Anchors> anchors;

  /**
   * @param judge closed with this
   * @param anchors images to compare with; empty to compare the images of a group with each other
   */
  public TournamentReward(String name, PairJudge judge, Optional<Anchors> anchors) {
    this.name = name;
    this.judge = judge;
    this.anchors = anchors;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Outcome score(ImageGroup group) {
    Images images = group.images();
    List<Match> matches =
        anchors.isPresent()
            ? against(images, anchors.get().of(group.prompt()))
            : allAgainstAll(images);
    Verdict verdict = judge.judge(group.id(), group.prompt(), matches);
    if (verdict instanceof Later later) {
      return new RetryLater(later.reason());
    }
    if (verdict instanceof Never never) {
      return new Unscorable(never.reason());
    }
    Judged judged = (Judged) verdict;
    return new Scored(
        scores(images.count(), matches, judged.firstBetter()), parts(images.count(), judged));
  }

  private static List<Match> allAgainstAll(Images images) {
    if (images.count() < 2) {
      throw new IllegalArgumentException(
          "a group of one image has nothing to be compared with; make it larger, or use an anchor");
    }
    List<Images> each = IntStream.range(0, images.count()).mapToObj(images::get).toList();
    List<Match> matches = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      for (int j = i + 1; j < each.size(); j++) {
        matches.add(new Match(i, j, each.get(i), each.get(j)));
      }
    }
    return matches;
  }

  private static List<Match> against(Images images, Images anchor) {
    List<Match> matches = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      matches.add(new Match(i, Match.ANCHOR, images.get(i), anchor));
    }
    return matches;
  }

  /**
   * Returns the mean over the matches of each image.
   *
   * @param firstBetter for each match the probability that its first image is better
   */
  static float[] scores(int images, List<Match> matches, double[] firstBetter) {
    if (firstBetter.length != matches.size()) {
      throw new IllegalArgumentException(
          "%d answers for %d matches".formatted(firstBetter.length, matches.size()));
    }
    double[] sums = new double[images];
    int[] counts = new int[images];
    for (int m = 0; m < firstBetter.length; m++) {
      Match match = matches.get(m);
      sums[match.first()] += firstBetter[m];
      counts[match.first()]++;
      if (match.second() != Match.ANCHOR) {
        sums[match.second()] += 1 - firstBetter[m];
        counts[match.second()]++;
      }
    }
    float[] scores = new float[images];
    for (int i = 0; i < images; i++) {
      scores[i] = (float) (sums[i] / counts[i]);
    }
    return scores;
  }

  /** Repeats the measurements of a group for each of its images. */
  private static Map<String, float[]> parts(int images, Judged judged) {
    Map<String, float[]> parts = new TreeMap<>();
    judged
        .measured()
        .forEach(
            (name, value) -> {
              float[] each = new float[images];
              Arrays.fill(each, value.floatValue());
              parts.put(name, each);
            });
    return parts;
  }

  @Override
  public void close() {
    judge.close();
  }
}
