package io.atelier.actors.api.offline;

import io.atelier.actors.compute.DrawnPairs;
import io.atelier.actors.compute.DrawnPairs.Drawn;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.preference.Agreement;
import io.atelier.reward.preference.DrawingAnnotator;
import io.atelier.reward.preference.Pair;
import io.atelier.reward.preference.PairHead;
import io.atelier.reward.preference.Preference;
import io.atelier.reward.preference.SelfTraining;
import io.atelier.reward.preference.SelfTraining.Round;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Tries self-training on the embedded base: a head learns from a few labelled pairs of sampled
 * images, then from pairs that it labels itself, and is tested on unseen prompts. The labels are
 * those of {@link DrawingAnnotator}.
 *
 * @param labelled labelled pairs, at least 1
 * @param rounds rounds of self-training, at least 1
 * @param unlabelled further pairs per round, at least 1
 * @param tested pairs to test on, at least 1
 * @param images images per prompt, at least 2, all of which are paired
 * @param loop the training loop
 * @param seed of all randomness
 */
public record SelfTrainingTrial(
    int labelled,
    int rounds,
    int unlabelled,
    int tested,
    int images,
    SelfTraining loop,
    long seed) {

  private static final int MOST_IMAGES = 64;

  public SelfTrainingTrial {
    require(labelled >= 1, "--labelled %s must be at least 1", labelled);
    require(rounds >= 1, "--rounds %s must be at least 1", rounds);
    require(unlabelled >= 1, "--unlabelled %s must be at least 1", unlabelled);
    require(tested >= 1, "--tested %s must be at least 1", tested);
    require(
        images >= 2 && images <= MOST_IMAGES,
        "--images %s must be 2 to " + MOST_IMAGES + ", so that there are pairs",
        images);
    long pairs = images * (images - 1L) / 2;
    long most = (EmojiPack.SIZE - EmojiPack.HELD_OUT) * pairs;
    long asked = labelled + (long) rounds * unlabelled;
    require(
        asked <= most,
        "--labelled and --rounds times --unlabelled are %s pairs, and there are "
            + most
            + " of the prompts that are trained on; ask for fewer, or for more --images",
        asked);
    require(
        tested <= EmojiPack.HELD_OUT * pairs,
        "--tested %s is more than the "
            + EmojiPack.HELD_OUT * pairs
            + " pairs of held-out prompts; ask for fewer, or for more --images",
        tested);
  }

  private static void require(boolean holds, String rule, long value) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(value));
    }
  }

  /**
   * The test of a head.
   *
   * @param asked unlabelled pairs of its round, 0 for the first head
   * @param taken pairs of these whose labels were accepted
   * @param right share of these labels that are true; empty if none was accepted
   * @param accuracy of the head on pairs of held-out prompts, 0 to 1
   */
  public record Tested(int asked, int taken, OptionalDouble right, double accuracy) {}

  /**
   * The result of a trial.
   *
   * @param filtered the head trained on labelled pairs alone, then that of each round
   * @param unfiltered the same if all labels are accepted
   * @param withoutVerdicts accuracy of a head trained on the labelled pairs without verdicts
   * @param allLabelled accuracy of a head trained on all pairs of all rounds with their true labels
   * @param labelledAgreement share of the labelled pairs that the last head of {@code filtered}
   *     orders as labelled
   * @param criteria accuracy of that head's verdicts, in the order of {@link
   *     DrawingAnnotator#CRITERIA}; empty for one in which no tested pair differs
   */
  public record Result(
      List<Tested> filtered,
      List<Tested> unfiltered,
      double withoutVerdicts,
      double allLabelled,
      double labelledAgreement,
      List<OptionalDouble> criteria) {}

  /** Samples, trains and tests; takes some minutes. */
  public Result run(PipelineFolder model, int threads) {
    Torch.enter(false);
    GroupNoise noise = new GroupNoise(seed);
    EmojiPack pack = EmojiPack.load();
    int needed = labelled + rounds * unlabelled;
    Drawn train;
    Drawn test;
    try (DrawnPairs pairs =
        new DrawnPairs(model, OnnxEncoder.lite0(EncoderConfig.DEFAULT.withThreads(threads)))) {
      train = draw(pairs, "trained prompts", pack.train(), needed, noise, 0);
      test = draw(pairs, "held-out prompts", pack.heldOut(), tested, noise, 1);
    }
    return result(train, test, noise);
  }

  /**
   * Samples as many pairs as needed, in random order, from as few concepts as possible.
   *
   * @param part selects the random order
   */
  private Drawn draw(
      DrawnPairs drawing,
      String which,
      List<Integer> concepts,
      int needed,
      GroupNoise noise,
      int part) {
    int pairs = images * (images - 1) / 2;
    int[] order = noise.stream(Purpose.PROMPT, part).permutation(concepts.size());
    List<Integer> chosen =
        Arrays.stream(order).limit((needed + pairs - 1) / pairs).mapToObj(concepts::get).toList();
    Drawn drawn = drawing.draw(which, chosen, images, noise);
    if (drawn.truth().size() < needed) {
      throw new IllegalStateException(
          "of the drawn pairs of %s %d have a better image, and %d are needed"
              .formatted(which, drawn.truth().size(), needed));
    }
    int[] places = noise.stream(Purpose.REFERENCE, part).permutation(drawn.truth().size());
    return new Drawn(
        drawn.images(), Arrays.stream(places).limit(needed).mapToObj(drawn.truth()::get).toList());
  }

  private Result result(Drawn train, Drawn test, GroupNoise noise) {
    List<Preference> given = train.truth().subList(0, labelled);
    List<List<Pair>> others = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      int from = labelled + round * unlabelled;
      others.add(
          train.truth().subList(from, from + unlabelled).stream().map(Preference::pair).toList());
    }
    FeatureMatrix seen = train.images();
    PairHead start = PairHead.untrained(seen, given, DrawingAnnotator.CRITERIA.size());
    List<Round> filtered = loop.run(start, seen, given, others, noise);
    List<Round> all = loop.unfiltered().run(start, seen, given, others, noise);
    PairHead last = filtered.get(rounds).head();
    List<OptionalDouble> criteria = new ArrayList<>();
    for (int k = 0; k < DrawingAnnotator.CRITERIA.size(); k++) {
      criteria.add(Agreement.of(last, test.images(), test.truth(), k));
    }
    return new Result(
        tested(filtered, train, test),
        tested(all, train, test),
        accuracy(
            start, train, given.stream().map(Preference::withoutVerdicts).toList(), test, noise),
        accuracy(start, train, train.truth(), test, noise),
        Agreement.of(last, seen, given),
        criteria);
  }

  private double accuracy(
      PairHead start, Drawn train, List<Preference> data, Drawn test, GroupNoise noise) {
    PairHead head = loop.training().train(start, train.images(), data, noise);
    return Agreement.of(head, test.images(), test.truth());
  }

  private static List<Tested> tested(List<Round> rounds, Drawn train, Drawn test) {
    return rounds.stream()
        .map(
            round ->
                new Tested(
                    round.asked(),
                    round.taken().size(),
                    Agreement.of(round.taken(), train.truth()),
                    Agreement.of(round.head(), test.images(), test.truth())))
        .toList();
  }
}
