package io.atelier.reward.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.preference.SelfTraining.Round;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelfTrainingTest {

  private static final GroupNoise NOISE = new GroupNoise(2);
  private static final PairTraining TRAINING = new PairTraining(150, 32, 0.02, 0, 0.3);
  private static final SelfTraining LOOP = new SelfTraining(TRAINING, 0.8, 5);

  /** Pairs of images of their own: rows 2i and 2i + 1 are pair i, which has a true label. */
  private record Toy(FeatureMatrix images, List<Preference> truth) {

    /** The second image of each pair has only zeros, so a row is the difference. */
    static Toy of(float[][] differences, int[] better) {
      int width = differences[0].length;
      float[] values = new float[2 * differences.length * width];
      List<Preference> truth = new ArrayList<>();
      for (int i = 0; i < differences.length; i++) {
        System.arraycopy(differences[i], 0, values, 2 * i * width, width);
        truth.add(new Preference(new Pair(2 * i, 2 * i + 1), better[i], List.of(better[i])));
      }
      return new Toy(new FeatureMatrix(2 * differences.length, width, values), truth);
    }

    List<Pair> pairs(int from, int to) {
      return truth.subList(from, to).stream().map(Preference::pair).toList();
    }
  }

  /**
   * Two clouds far apart along the first half of 40 features, which all have unit noise: eight
   * labelled pairs do not say which features count, two hundred of its own do.
   */
  private static Toy clouds(int pairs) {
    RandomStream random = new GroupNoise(11).stream(Purpose.REFERENCE, 0);
    float[][] differences = new float[pairs][];
    int[] better = new int[pairs];
    for (int i = 0; i < pairs; i++) {
      better[i] = random.nextInt(2) == 0 ? 1 : -1;
      differences[i] = random.normals(40);
      for (int c = 0; c < 20; c++) {
        differences[i][c] += 0.5f * better[i];
      }
    }
    return Toy.of(differences, better);
  }

  @Test
  void shouldHelpWhereThePairsLieInTwoClouds() {
    Toy toy = clouds(1408);
    List<Preference> given = toy.truth().subList(0, 8);
    List<Preference> test = toy.truth().subList(408, 1408);
    PairHead start = PairHead.untrained(toy.images(), given, 1);
    List<Round> rounds =
        LOOP.run(
            start, toy.images(), given, List.of(toy.pairs(8, 208), toy.pairs(208, 408)), NOISE);
    assertEquals(3, rounds.size());
    double before = Agreement.of(rounds.get(0).head(), toy.images(), test);
    double after = Agreement.of(rounds.get(2).head(), toy.images(), test);
    assertTrue(after >= before + 0.03, before + " before, " + after + " after");
    int taken = rounds.get(1).taken().size();
    assertTrue(taken > 20 && taken < 200, "some are sure: " + taken);
    Round all =
        LOOP.unfiltered().run(start, toy.images(), given, List.of(toy.pairs(8, 208)), NOISE).get(1);
    assertEquals(200, all.taken().size());
    double sure = Agreement.of(rounds.get(1).taken(), toy.truth()).getAsDouble();
    double any = Agreement.of(all.taken(), toy.truth()).getAsDouble();
    assertTrue(sure > any, "what it is sure of is right more often: " + sure + ", " + any);
  }

  /**
   * In the labelled pairs the first feature tells the better image, and the second is noise. In the
   * others the first one tells the worse image, and in the tested ones only the second one differs.
   */
  private static Toy misleading() {
    float[][] differences = new float[80][];
    int[] better = new int[80];
    for (int i = 0; i < 80; i++) {
      better[i] = i % 2 == 0 ? 1 : -1;
      differences[i] =
          i < 20
              ? new float[] {better[i], i < 4 ? 0.01f * (i < 2 ? 1 : -1) : 0}
              : i < 60
                  ? new float[] {-better[i], better[i] * 0.02f}
                  : new float[] {0, better[i] * 0.02f};
    }
    return Toy.of(differences, better);
  }

  @Test
  void shouldShowThatAllItsLabelsAreWrong() {
    Toy toy = misleading();
    List<Preference> given = toy.truth().subList(0, 20);
    List<Preference> test = toy.truth().subList(60, 80);
    PairTraining plain = new PairTraining(150, 64, 0.05, 0, 0);
    PairHead start = PairHead.untrained(toy.images(), given, 1);
    List<Round> rounds =
        new SelfTraining(plain, 0.8, 1)
            .run(start, toy.images(), given, List.of(toy.pairs(20, 60)), NOISE);
    assertEquals(40, rounds.get(1).asked());
    assertEquals(40, rounds.get(1).taken().size(), "it is sure of all");
    assertEquals(OptionalDouble.of(0), Agreement.of(rounds.get(1).taken(), toy.truth()));
    assertEquals(0.0, Agreement.of(rounds.get(1).head(), toy.images(), test), "it believes them");
    assertTrue(Agreement.of(rounds.get(0).head(), toy.images(), test) > 0, "it did not before");
    assertEquals(1.0, Agreement.of(rounds.get(1).head(), toy.images(), given), "and cannot know");
  }

  @Test
  void shouldTakeNothingThatItIsNotSureOf() {
    Toy toy = clouds(108);
    List<Preference> given = toy.truth().subList(0, 8);
    PairHead start = PairHead.untrained(toy.images(), given, 1);
    List<Round> rounds =
        new SelfTraining(TRAINING, 1, 5)
            .run(start, toy.images(), given, List.of(toy.pairs(8, 108)), NOISE);
    assertEquals(List.of(), rounds.get(1).taken());
    assertEquals(OptionalDouble.empty(), Agreement.of(rounds.get(1).taken(), toy.truth()));
    assertEquals(
        rounds.get(0).head().weights().contentHash(),
        rounds.get(1).head().weights().contentHash(),
        "the same data from the same first weights");
  }

  @Test
  void shouldComeOutTheSameFromTheSameSeed() {
    Toy toy = clouds(58);
    List<Preference> given = toy.truth().subList(0, 8);
    PairHead start = PairHead.untrained(toy.images(), given, 1);
    List<String> hashes =
        IntStream.of(2, 2, 3)
            .mapToObj(
                seed ->
                    LOOP.run(
                            start,
                            toy.images(),
                            given,
                            List.of(toy.pairs(8, 58)),
                            new GroupNoise(seed))
                        .get(1)
                        .head()
                        .weights()
                        .contentHash())
            .toList();
    assertEquals(hashes.get(0), hashes.get(1));
    assertNotEquals(hashes.get(0), hashes.get(2));
    assertArrayEquals(
        new float[40], start.weights().get("label.weight").values(), "left as it was");
  }

  /** Right, wrong, and one that it cannot tell: 1.5 of 3. */
  @Test
  void shouldCountWhatItCannotTellHalf() {
    Toy toy = Toy.of(new float[][] {{1}, {1}, {0}}, new int[] {1, -1, 1});
    List<Preference> one = toy.truth().subList(0, 1);
    PairHead head =
        new PairTraining(20, 1, 0.1, 0, 0)
            .train(PairHead.untrained(toy.images(), one, 1), toy.images(), one, NOISE);
    assertEquals(0.5, Agreement.of(head, toy.images(), toy.truth()));
    assertEquals(OptionalDouble.of(0.5), Agreement.of(head, toy.images(), toy.truth(), 0));
    Preference silent = new Preference(new Pair(0, 1), 1, List.of(0));
    assertEquals(OptionalDouble.empty(), Agreement.of(head, toy.images(), List.of(silent), 0));
  }

  @Test
  void shouldRefuseWhatIsNoLoop() {
    for (int votes : new int[] {0, 4, -1}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> new SelfTraining(TRAINING, 0.8, votes))
              .getMessage();
      assertTrue(message.startsWith("votes " + votes + " must be odd"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> new SelfTraining(TRAINING, 1.1, 5));
    assertThrows(IllegalArgumentException.class, () -> new SelfTraining(TRAINING, Double.NaN, 5));
    assertThrows(IllegalArgumentException.class, () -> new PairTraining(0, 1, 0.1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new PairTraining(1, 1, 0.1, 0, 1));
  }
}
