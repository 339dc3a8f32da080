package io.atelier.reward.preference;

import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Self-training (pseudo-labelling): a head that learned from labelled pairs labels others, of which
 * the labels that it is sure of are taken for true, and another head learns from all pairs so far;
 * and so on. The loop of a majority of several runs, a threshold, and a merge with all earlier data
 * is that of GRAM-R² (arXiv 2509.02492), which does it with language; nothing else is from there. A
 * pure function.
 *
 * @param training how each head learns, always from the same first weights
 * @param confidence a label is taken if it has at least this mean probability over the runs, 0 to
 *     1; 0 takes all
 * @param votes runs of a head on a pair, each with its own features dropped, an odd number
 */
public record SelfTraining(PairTraining training, double confidence, int votes) {

  public SelfTraining {
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("confidence %s must be 0 to 1".formatted(confidence));
    }
    if (votes < 1 || votes % 2 == 0 || votes > GroupNoise.SAMPLES_MAX) {
      throw new IllegalArgumentException(
          "votes %d must be odd, so that there is a majority, and at least 1".formatted(votes));
    }
  }

  /** The same without the threshold. */
  public SelfTraining unfiltered() {
    return new SelfTraining(training, 0, votes);
  }

  /**
   * A head, and how it came to be.
   *
   * @param head trained on the labelled pairs and the pseudo-labels of this round and all before
   * @param asked unlabelled pairs of this round
   * @param taken those that were taken, with the labels that the head before gave them
   */
  public record Round(PairHead head, int asked, List<Preference> taken) {}

  /**
   * Trains heads.
   *
   * @param start first weights of each
   * @param images features of all images, (n, D)
   * @param labelled pairs with true labels, at least one
   * @param unlabelled further pairs, of each round
   * @param noise order of the data, and dropout in training and in the votes
   * @return first the head that saw the labelled pairs alone, then that of each round
   */
  public List<Round> run(
      PairHead start,
      FeatureMatrix images,
      List<Preference> labelled,
      List<List<Pair>> unlabelled,
      GroupNoise noise) {
    List<Preference> data = new ArrayList<>(labelled);
    List<Round> rounds = new ArrayList<>();
    rounds.add(new Round(training.train(start, images, data, noise), 0, List.of()));
    for (List<Pair> pairs : unlabelled) {
      PairHead before = rounds.get(rounds.size() - 1).head();
      List<Preference> taken = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        GroupId name = new GroupId(rounds.size(), i);
        pseudoLabel(before, images, pairs.get(i), name, noise).ifPresent(taken::add);
      }
      data.addAll(taken);
      rounds.add(
          new Round(training.train(start, images, data, noise), pairs.size(), List.copyOf(taken)));
    }
    return rounds;
  }

  /** Empty if the head is not sure, or torn. */
  private Optional<Preference> pseudoLabel(
      PairHead head, FeatureMatrix images, Pair pair, GroupId name, GroupNoise noise) {
    float[] d = head.difference(images, pair);
    double first = 0;
    int better = 0;
    int[] criteria = new int[0];
    for (int vote = 0; vote < votes; vote++) {
      PairHead.Opinion opinion =
          head.opinion(training.dropped(d, noise.stream(Purpose.CRITIC_SCORE, name, vote, 0)));
      first += opinion.firstBetter() / votes;
      better += sign(opinion.logit());
      criteria = vote == 0 ? new int[opinion.criteria().length] : criteria;
      for (int k = 0; k < criteria.length; k++) {
        criteria[k] += sign(opinion.criteria()[k]);
      }
    }
    if (better == 0 || (better > 0 ? first : 1 - first) < confidence) {
      return Optional.empty();
    }
    List<Integer> verdicts = new ArrayList<>();
    for (int sum : criteria) {
      verdicts.add(sign(sum));
    }
    return Optional.of(new Preference(pair, sign(better), verdicts));
  }

  private static int sign(double value) {
    return (int) Math.signum(value);
  }
}
