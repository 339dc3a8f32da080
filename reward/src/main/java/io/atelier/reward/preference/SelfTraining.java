package io.atelier.reward.preference;

import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Self-training (pseudo-labelling): a head trained on labelled pairs labels others, its confident
 * labels are accepted, and another head is trained on all pairs so far; this repeats. The loop of a
 * majority vote over several runs, a threshold, and a merge with all earlier data is that of
 * GRAM-R² (arXiv 2509.02492), which applies it to language; nothing else is from there. A pure
 * function.
 *
 * @param training how each head is trained, always from the same initial weights
 * @param confidence a label is accepted if its mean probability over the runs is at least this, 0
 *     to 1; 0 accepts all
 * @param votes runs of a head on a pair, each with its own dropout, an odd number
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

  /** Returns the same without the threshold. */
  public SelfTraining unfiltered() {
    return new SelfTraining(training, 0, votes);
  }

  /**
   * A head and its training data.
   *
   * @param head head trained on the labelled pairs and the pseudo-labels of this and all earlier
   *     rounds
   * @param asked number of unlabelled pairs of this round
   * @param taken accepted pairs, with the labels of the previous head
   */
  public record Round(PairHead head, int asked, List<Preference> taken) {}

  /**
   * Trains the heads of all rounds.
   *
   * @param start initial weights of each head
   * @param images features of all images, (n, D)
   * @param labelled pairs with true labels, at least one
   * @param unlabelled further pairs of each round
   * @param noise randomness of the order of the data, and of dropout in training and votes
   * @return first the head trained on the labelled pairs alone, then that of each round
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

  /** Returns a label; empty if the head is not confident, or the votes are tied. */
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
