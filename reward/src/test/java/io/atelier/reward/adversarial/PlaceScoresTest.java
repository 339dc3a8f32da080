package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.PlaceLogits;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A head whose logit of a place is gelu(r + g + b - 1.5), on an encoder that rearranges pixels. */
class PlaceScoresTest {

  /** gelu(-1.5) and gelu(1.5): 1.5 times the normal distribution there, .0668072 and .9331928. */
  private static final float BLACK = -0.100211f;

  private static final float WHITE = 1.399789f;

  private static final CriticConfig CRITIC =
      new CriticConfig(
          AdamConfig.discriminator(1e-2),
          1,
          Optional.empty(),
          1,
          1,
          1,
          4,
          0.1,
          0,
          1,
          1,
          6,
          0.5,
          8,
          Optional.empty());

  private static DiscriminatorConfig view(List<String> maps) {
    return new DiscriminatorConfig(
        1,
        List.of("mean"),
        List.of(),
        maps,
        false,
        Normalise.NONE,
        0,
        0.7,
        maps.isEmpty() ? 0 : 0.3,
        maps.isEmpty() ? 0 : 2,
        256,
        AugmentationConfig.NONE,
        PoolingConfig.PLAIN);
  }

  private static DiscriminatorSpec spec(List<String> maps) {
    return new DiscriminatorSpec(PixelEncoder::new, view(maps), PromptVectors.none());
  }

  /**
   * @param sign of the last layer
   */
  private static NamedTensors head(float sign) {
    SortedMap<String, Tensor> head = new TreeMap<>();
    for (String view : List.of("global", "local.map")) {
      head.put(view + ".weight", new Tensor(new long[] {1, 3}, new float[] {1, 1, 1}));
      head.put(view + ".bias", new Tensor(new long[] {1}, new float[] {-1.5f}));
    }
    head.put("out.weight", new Tensor(new long[] {1, 1}, new float[] {sign}));
    head.put("out.bias", new Tensor(new long[] {1}, new float[] {0}));
    return new NamedTensors(head);
  }

  /** Black and white cells, white where the sum of row and column is odd. */
  private static Images board(int count, int side) {
    byte[] rgb = new byte[count * side * side * 3];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3 % (side * side);
      rgb[i] = (byte) ((pixel / side + pixel % side) % 2 * 255);
    }
    return new Images(count, side, side, rgb);
  }

  private static ImageGroup group(Images images) {
    return new ImageGroup(new GroupId(0, 0), new Prompt(0, "a"), images, 0, "hash");
  }

  private static float[] places(RewardSum sum, Images images) {
    try (GroupScorer scorer = sum.scorer(1)) {
      scorer.load(head(1));
      return assertInstanceOf(Reward.Scored.class, scorer.score(group(images), () -> {}).outcome())
          .places();
    }
  }

  @Test
  void shouldGiveTheLogitOfEachPlaceAndOnlyWhereAsked() {
    RewardSum sum = Rewards.adversarial(spec(List.of("map"))).plus(Rewards.jpegCompressibility());
    assertEquals(0, places(sum, board(2, 4)).length);
    float[] scores = places(sum.withPlaces(), board(2, 4));
    assertEquals(2 * PlaceGrid.COUNT, scores.length);
    for (int i = 0; i < scores.length; i++) {
      int place = i % PlaceGrid.COUNT;
      assertEquals((place / 4 + place % 4) % 2 == 0 ? BLACK : WHITE, scores[i], 1e-6);
    }
    float[] four = places(sum.withPlaces().withPlaces(), board(1, 8)); // of four cells a place
    float[] halves = new float[PlaceGrid.COUNT];
    Arrays.fill(halves, (BLACK + WHITE) / 2);
    assertArrayEquals(halves, four, 1e-6f);
  }

  @Test
  void shouldTakeTheMeanOfMembersAndOfMaps() {
    Discriminator one = Discriminator.of(view(List.of("map")), head(1));
    Discriminator other = Discriminator.of(view(List.of("map")), head(3));
    EnsembleConfig two = new EnsembleConfig(2, 0.7, Aggregate.MEAN);
    FeatureBatch batch;
    try (PixelEncoder encoder = new PixelEncoder()) {
      batch =
          new FeatureBatch(
              1,
              FeatureBatch.views(view(List.of("map")), encoder.encode(board(1, 4))),
              new float[0][]);
    }
    try (Ensemble both = Ensemble.untrained(two, List.of(one, other))) {
      float[] means = both.places(batch).get("map");
      assertEquals(2 * BLACK, means[0], 1e-6);
      assertEquals(2 * WHITE, means[1], 1e-6);
    }
    assertArrayEquals(
        new float[] {2, 5},
        PlaceScores.mean(
            new TreeMap<>(Map.of("low", new float[] {1, 4}, "mid", new float[] {3, 6}))));
  }

  /** What scoring looked at, whether scores of places are asked for or not. */
  @Test
  void shouldHandOnTheLogitsThatScoringIsMadeOf() {
    DiscriminatorConfig config = view(List.of("map"));
    FeatureBatch batch;
    try (PixelEncoder encoder = new PixelEncoder()) {
      batch =
          new FeatureBatch(
              2, FeatureBatch.views(config, encoder.encode(board(2, 4))), new float[0][]);
    }
    try (Discriminator judge = Discriminator.of(config, head(1))) {
      Discriminator.Scores scores = judge.score(batch, Places.every());
      float[] all = scores.places().get("map");
      assertEquals(2 * 16, all.length);
      for (int i = 0; i < all.length; i++) {
        assertEquals((i % 16 / 4 + i % 4) % 2 == 0 ? BLACK : WHITE, all[i], 1e-6);
      }
      assertEquals((BLACK + WHITE) / 2, scores.local()[1], 1e-6);
      Places some = (map, images, count) -> new int[][] {{3, 3}, {3, 4}};
      float[] drawn = judge.score(batch, some).places().get("map");
      assertEquals(WHITE, drawn[3], 1e-6);
      assertTrue(Float.isNaN(drawn[4]));
      assertEquals(WHITE, drawn[16 + 3], 1e-6);
      assertEquals(WHITE, drawn[16 + 4], 1e-6);
    }
    RewardSum sum = Rewards.adversarial(spec(List.of("map"))).plus(Rewards.jpegCompressibility());
    try (GroupScorer scorer = sum.scorer(1)) {
      scorer.load(head(1));
      GroupScorer.Result result = scorer.score(group(board(2, 4)), () -> {});
      assertEquals(Set.of("adversarial"), result.places().keySet());
      PlaceLogits map = result.places().get("adversarial").get("map");
      assertEquals(4, map.rows());
      assertEquals(4, map.columns());
      assertEquals(32, map.values().length);
    }
    assertEquals(Optional.empty(), PlaceScores.shown(new float[12], 2), "6 places are no square");
  }

  private static String refused(RewardSum sum) {
    return assertThrows(IllegalArgumentException.class, sum::withPlaces).getMessage();
  }

  @Test
  void shouldNeedExactlyOneThatJudgesPlaces() {
    assertTrue(refused(Rewards.jpegCompressibility()).contains("no reward judges places"));
    assertTrue(refused(Rewards.adversarial(spec(List.of()))).contains("no reward judges places"));
    String two =
        refused(
            Rewards.adversarial(spec(List.of("map")))
                .plus(Rewards.adversarial("style", spec(List.of("map")), CRITIC)));
    assertTrue(two.startsWith("[adversarial, style] judge places"), two);
  }

  @Test
  void shouldRefuseAMapThatIsNoSquare() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> PlaceScores.onGrid(new float[12], "low"))
            .getMessage();
    assertTrue(
        message.contains("map \"low\" has 12 places, which is not a square number"), message);
  }

  private static PlaceAudit audit(float sign, Images references) {
    try (DiscriminatorReward reward = spec(List.of("map")).reward(1)) {
      reward.load(head(sign));
      return PlaceAudit.of(reward, references, 3, 8, 5);
    }
  }

  /**
   * Blurred cells are all grey, gelu(0) = 0 and less than the mean .65 of black and white ones: the
   * damaged places are the lowest. With the other sign they are the highest.
   */
  @Test
  void shouldTellWhetherDamagedPlacesHaveTheLowestScores() {
    PlaceAudit right = audit(1, board(5, 16));
    assertEquals(3, right.images());
    assertEquals(0.25, right.damaged());
    assertEquals(1, right.auroc());
    assertEquals(1, right.change());
    assertEquals(0.5, right.undamaged());
    assertEquals(Map.of("map", 1.0), right.maps());
    PlaceAudit wrong = audit(-1, board(5, 16));
    assertEquals(0, wrong.auroc());
    assertEquals(0.5, wrong.undamaged());
  }

  @Test
  void shouldSayWhenDamageChangesNothing() {
    Images white = new Images(2, 16, 16, new byte[2 * 16 * 16 * 3]);
    String message =
        assertThrows(IllegalArgumentException.class, () -> audit(1, white)).getMessage();
    assertTrue(message.contains("a blur of 8.0 changed 0 of 32 places"), message);
  }

  @Test
  void shouldBlurOneQuadrantAlone() {
    Images image = board(1, 6);
    List<Integer> changed = new ArrayList<>();
    Images blurred =
        PlaceAudit.blurred(
            image, 1, 20, new GroupNoise(1).stream(Purpose.CRITIC_SCORE, new GroupId(0, 0)));
    for (int i = 0; i < 36; i++) {
      if (blurred.rgb()[3 * i] != image.rgb()[3 * i]) {
        changed.add(i);
      }
    }
    assertEquals(List.of(3, 4, 5, 9, 10, 11, 15, 16, 17), changed);
  }

  /** Two of three sound places are above the damaged one, one is equal: 2.5 of 3. */
  @Test
  void shouldCountPairsOfPlaces() {
    float[] scores = {3, 1, 2, 1};
    boolean[] damaged = {false, true, false, false};
    assertEquals(2.5 / 3, PlaceAudit.auroc(scores, damaged), 1e-12);
  }
}
