package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On images of 4 x 4 pixels and an encoder that only rearranges them. */
class DiscriminatorCriticTest {

  private static final long SEED = 3;
  private static final int G = 4;

  private static DiscriminatorConfig view(int condition, AugmentationConfig augmentation) {
    return view(condition, 0, augmentation);
  }

  private static DiscriminatorConfig view(
      int condition, int places, AugmentationConfig augmentation) {
    return new DiscriminatorConfig(
        16,
        List.of("mean"),
        List.of("map"),
        List.of("map"),
        false,
        Normalise.STANDARD,
        condition,
        0.7,
        0.3,
        places,
        256,
        augmentation,
        PoolingConfig.PLAIN);
  }

  private static CriticConfig critic(double skipAbove) {
    return critic(1, Optional.empty(), skipAbove);
  }

  private static CriticConfig critic(int every, Optional<CriticTrigger> trigger) {
    return critic(every, trigger, 1);
  }

  private static CriticConfig critic(int every, Optional<CriticTrigger> trigger, double skipAbove) {
    return new CriticConfig(
        AdamConfig.discriminator(1e-2),
        every,
        trigger,
        3,
        1,
        0.3,
        5,
        0.1,
        0.5,
        skipAbove,
        1,
        6,
        0.5,
        16,
        Optional.empty());
  }

  private static final PromptVectors VECTORS = prompt -> new float[] {prompt % 2, 1 - prompt % 2};

  private static DiscriminatorCritic make(CriticConfig critic, DiscriminatorConfig view) {
    PromptVectors vectors = view.conditionWidth() > 0 ? VECTORS : PromptVectors.none();
    return new DiscriminatorSpec(PixelEncoder::new, view, vectors)
        .critic(
            critic,
            SEED,
            References.onePerPrompt(images(10, 180, 9), IntStream.range(0, 10).boxed().toList()));
  }

  /** Noisy images around a grey level. */
  private static Images images(int count, int level, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] rgb = new byte[count * 48];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (level + random.nextInt(-60, 60));
    }
    return new Images(count, 4, 4, rgb);
  }

  private static ImageGroup group(int step, int slot, int level) {
    Prompt prompt = new Prompt(slot, "prompt " + slot);
    return new ImageGroup(
        new GroupId(step, slot), prompt, images(G, level, step * 100L + slot), step, "hash");
  }

  private static List<GroupFeatures> features(DiscriminatorReward reward, int step, int level) {
    List<GroupFeatures> groups = new ArrayList<>();
    for (int slot = 0; slot < 3; slot++) {
      groups.add(reward.judge(group(step, slot, level), () -> {}).features().orElseThrow());
    }
    return groups;
  }

  private static DiscriminatorReward reward(DiscriminatorConfig view, DiscriminatorCritic critic) {
    DiscriminatorReward reward = new DiscriminatorReward(view, SEED, new PixelEncoder(), VECTORS);
    assertEquals(critic.weights().contentHash(), reward.load(critic.weights()).hash());
    return reward;
  }

  private static Reward.Scored scored(DiscriminatorReward reward, ImageGroup group) {
    return assertInstanceOf(Reward.Scored.class, reward.score(group));
  }

  @Test
  void shouldLearnWhatSetsReferencesApart() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(1), view);
    DiscriminatorReward reward = reward(view, critic);
    Map<String, Double> first = critic.update(0, features(reward, 0, 90));
    Map<String, Double> last = first;
    for (int step = 1; step < 40; step++) {
      last = critic.update(step, features(reward, step, 90));
    }
    assertTrue(last.get("critic/accuracy") > 0.95, "accuracy: " + last);
    assertTrue(last.get("critic/auc") > 0.95, "auc: " + last);
    assertTrue(last.get("critic/margin") > 1, "margin: " + last);
    assertTrue(last.get("critic/loss") < first.get("critic/loss"), first + " to " + last);
    reward.load(critic.weights());
    float like = mean(scored(reward, group(90, 0, 180)).total());
    float unlike = mean(scored(reward, group(90, 1, 90)).total());
    assertTrue(like > unlike + 1, "like references: " + like + ", unlike: " + unlike);
  }

  @Test
  void shouldLearnOnlyInStepsThatAreItsTurn() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(3, Optional.empty()), view);
    DiscriminatorReward reward = reward(view, critic);
    for (int step = 0; step < 7; step++) {
      String before = critic.weights().contentHash();
      Map<String, Double> measured = critic.update(step, features(reward, step, 90));
      assertEquals(step % 3 == 0 ? 3 : 0, measured.get("critic/head-steps"), "step " + step);
      assertEquals(step % 3 != 0, before.equals(critic.weights().contentHash()), "step " + step);
      assertEquals(step % 3 != 0, measured.get("critic/loss").isNaN(), "step " + step);
      assertTrue(measured.get("critic/accuracy") >= 0, "it is measured in every step");
    }
  }

  /** Of images that look like references half score higher, by chance. */
  @Test
  void shouldLearnOnlyWhileGeneratedImagesScoreHigher() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(1, Optional.of(CriticTrigger.GENERATED_ABOVE)), view);
    DiscriminatorReward reward = reward(view, critic);
    int learned = 0;
    for (int step = 0; step < 20; step++) {
      String before = critic.weights().contentHash();
      Map<String, Double> measured = critic.update(step, features(reward, step, 180));
      boolean above = measured.get("critic/fake") > measured.get("critic/real");
      assertEquals(
          above, measured.get("critic/head-steps") > 0, "step %d: %s".formatted(step, measured));
      assertEquals(!above, before.equals(critic.weights().contentHash()));
      learned += above ? 1 : 0;
    }
    assertTrue(learned > 0 && learned < 20, "it learned in %d steps".formatted(learned));
  }

  @Test
  void shouldDrawItsFirstWeightsFromNoStreamOfThePolicy() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    NamedTensors weights = make(critic(1), view).weights();
    TreeMap<String, Integer> widths = new TreeMap<>();
    weights
        .asMap()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith(Head.WEIGHT) && !name.startsWith(Head.OUT)) {
                String projection = name.substring(0, name.length() - Head.WEIGHT.length());
                widths.put(projection, (int) tensor.shape()[1]);
              }
            });
    String first = widths.firstKey() + Head.WEIGHT;
    for (int slot = 0; slot < 8; slot++) {
      RandomStream policy =
          new GroupNoise(SEED).stream(Purpose.INITIAL_WEIGHTS, new GroupId(0, slot));
      policy.permutation(10); // what a critic draws first: the references of its statistics
      try (Head head = Head.create(widths, view.hidden(), 0, List.of(), policy)) {
        assertFalse(
            Arrays.equals(head.weights().export().get(first).values(), weights.get(first).values()),
            "the policy's slot " + slot);
      }
    }
  }

  @Test
  void shouldGoOnWithTheSameBitsAfterRestore() {
    DiscriminatorConfig view = view(2, new AugmentationConfig(0.7, 0.05));
    CriticConfig config = critic(1);
    DiscriminatorCritic critic = make(config, view);
    DiscriminatorReward reward = reward(view, critic);
    for (int step = 0; step < 3; step++) {
      critic.update(step, features(reward, step, 120));
    }
    NamedTensors saved = critic.state();
    DiscriminatorCritic resumed = make(config, view);
    resumed.restore(saved);
    assertEquals(saved.contentHash(), resumed.state().contentHash());
    for (int step = 3; step < 6; step++) {
      Map<String, Double> expected = critic.update(step, features(reward, step, 120));
      assertEquals(6.0, expected.get("critic/replayed"));
      assertEquals(expected, resumed.update(step, features(reward, step, 120)));
    }
    assertEquals(critic.state().contentHash(), resumed.state().contentHash());
    assertNotEquals(saved.contentHash(), resumed.state().contentHash());
  }

  private static DiscriminatorCritic make(
      double featureNoise, int replay, double skipAbove, DiscriminatorConfig view, Images all) {
    AdamConfig adam = AdamConfig.discriminator(1e-2);
    double again = replay > 0 ? 2 : 0;
    CriticConfig config =
        new CriticConfig(
            adam,
            1,
            Optional.empty(),
            3,
            1,
            0.3,
            5,
            featureNoise,
            0.5,
            skipAbove,
            1,
            replay,
            again,
            10,
            Optional.empty());
    References references = new References(all, Map.of());
    return new DiscriminatorSpec(PixelEncoder::new, view, VECTORS).critic(config, SEED, references);
  }

  /** What the scorer gives to all images of a step, if the three groups of it were {@code all}. */
  private static float[] scores(DiscriminatorReward reward, int step, Images all, String part) {
    float[] scores = new float[3 * G];
    for (int slot = 0; slot < 3; slot++) {
      ImageGroup group = new ImageGroup(new GroupId(step, slot), prompt(slot), all, step, "hash");
      Reward.Scored scored = scored(reward, group);
      float[] each = part.equals("total") ? scored.total() : scored.parts().get(part);
      System.arraycopy(each, 0, scores, slot * G, G);
    }
    return scores;
  }

  private static Prompt prompt(int slot) {
    return new Prompt(slot, "prompt " + slot);
  }

  private static List<GroupFeatures> features(DiscriminatorReward reward, int step, Images all) {
    return IntStream.range(0, 3)
        .mapToObj(slot -> new ImageGroup(new GroupId(step, slot), prompt(slot), all, step, "hash"))
        .map(group -> reward.judge(group, () -> {}).features().orElseThrow())
        .toList();
  }

  private static double share(float[] scores, int sign) {
    int right = 0;
    for (float score : scores) {
      right += sign * score > 0 ? 1 : 0;
    }
    return (double) right / scores.length;
  }

  /** Share of all pairs within a group in which the first side is higher. */
  private static double wins(float[] references, float[] generated) {
    double wins = 0;
    for (int i = 0; i < references.length; i++) {
      for (int j = i / G * G; j < (i / G + 1) * G; j++) {
        wins += references[i] > generated[j] ? 1 : references[i] == generated[j] ? 0.5 : 0;
      }
    }
    return wins / (references.length * G);
  }

  @ParameterizedTest(name = "noise {0}, replay {1}, places {2}, prompt {3}, augmented {4}")
  @CsvSource({
    "0, 0, 0, 0, false",
    "5, 0, 0, 0, false",
    "0, 24, 0, 0, false",
    "5, 24, 3, 0, false",
    "5, 24, 0, 2, false",
    "5, 24, 3, 2, true"
  })
  void shouldMeasureWhatTheScorerSees(
      double featureNoise, int replay, int places, int condition, boolean augmented) {
    DiscriminatorConfig view =
        view(
            condition,
            places,
            augmented ? new AugmentationConfig(0.7, 0.05) : AugmentationConfig.NONE);
    // As many references as a group has images: each group is shown all of them.
    Images references = images(G, 180, 9);
    DiscriminatorCritic critic = make(featureNoise, replay, 0.9, view, references);
    DiscriminatorReward reward = reward(view, critic);
    boolean paused = false;
    for (int step = 0; step < 40; step++) {
      Images drawn = images(G, 100, step);
      reward.load(critic.weights());
      float[] referenceRewards = scores(reward, step, references, "total");
      float[] rewards = scores(reward, step, drawn, "total");
      float expected = mean(referenceRewards);
      float[] real = scores(reward, step, references, "global");
      float[] fake = scores(reward, step, drawn, "global");
      Map<String, Double> measured = critic.update(step, features(reward, step, drawn));
      assertEquals(expected, measured.get("critic/reward-reference"), 1e-5, "step " + step);
      assertEquals(augmented, !measured.containsKey("critic/pair-accuracy"));
      if (!augmented) { // else the critic has not the images as they were scored
        assertEquals(mean(real), measured.get("critic/real"), 1e-5, "step " + step);
        assertEquals(mean(fake), measured.get("critic/fake"), 1e-5, "step " + step);
        double accuracy = (share(real, 1) + share(fake, -1)) / 2;
        assertEquals(accuracy, measured.get("critic/accuracy"), 1e-9, "step " + step);
        double pairs = wins(referenceRewards, rewards);
        assertEquals(pairs, measured.get("critic/pair-accuracy"), 1e-9, "step " + step);
      }
      boolean good = measured.get("critic/accuracy") > 0.9;
      assertEquals(good, measured.get("critic/head-steps") == 0, "step " + step + measured);
      assertEquals(good, measured.get("critic/loss").isNaN(), "step " + step + measured);
      paused |= good;
      assertEquals(Math.min(replay, 12 * step), measured.get("critic/replayed"));
    }
    assertTrue(paused, "it never became that good");
  }

  @Test
  void shouldTakeNoStepWhileItIsTooGood() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(0.75), view);
    DiscriminatorReward reward = reward(view, critic);
    Map<String, Double> last = Map.of();
    for (int step = 0; step < 30; step++) {
      last = critic.update(step, features(reward, step, 60));
    }
    assertEquals(0.0, last.get("critic/head-steps"), "accuracy: " + last);
    String hash = critic.weights().contentHash();
    critic.update(30, features(reward, 30, 60));
    assertEquals(hash, critic.weights().contentHash());
  }

  @Test
  void shouldTellPromptsApartOnlyWhenItSeesThem() {
    DiscriminatorConfig view = view(2, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(1), view);
    DiscriminatorReward reward = reward(view, critic);
    for (int step = 0; step < 5; step++) {
      critic.update(step, features(reward, step, 120));
    }
    reward.load(critic.weights());
    ImageGroup even = group(7, 0, 120);
    ImageGroup odd = new ImageGroup(even.id(), new Prompt(1, "odd"), even.images(), 0, "hash");
    float[] own = scored(reward, even).parts().get("global");
    float[] other = scored(reward, odd).parts().get("global");
    assertNotEquals(own[0], other[0]);
    assertArrayEquals(
        scored(reward, even).parts().get("local"), scored(reward, odd).parts().get("local"));
  }

  @Test
  void shouldShowEveryReferenceUnderItsOwnPrompt() {
    DiscriminatorConfig view = view(2, AugmentationConfig.NONE);
    Set<Integer> asked = new TreeSet<>();
    PromptVectors recorded =
        prompt -> {
          asked.add(prompt);
          return VECTORS.of(prompt);
        };
    References references =
        References.onePerPrompt(images(10, 180, 9), IntStream.range(100, 110).boxed().toList());
    CriticConfig config =
        new CriticConfig(
            AdamConfig.discriminator(1e-2),
            1,
            Optional.empty(),
            1,
            1,
            0.3,
            5,
            0,
            0,
            1,
            0,
            0,
            0,
            10,
            Optional.empty());
    DiscriminatorReward reward = reward(view, make(critic(1), view));
    try (DiscriminatorCritic critic =
        new DiscriminatorSpec(PixelEncoder::new, view, recorded).critic(config, SEED, references)) {
      critic.update(0, features(reward, 0, 90)); // three groups, of prompts 0 to 2
    }
    assertTrue(asked.containsAll(Set.of(0, 1, 2)), "asked for " + asked);
    assertTrue(asked.stream().filter(prompt -> prompt >= 100).count() >= G, "asked for " + asked);
  }

  @Test
  void shouldDrawTheReferencesOfThePrompt() {
    References references =
        new References(images(10, 128, 1), Map.of(3, List.of(7), 4, List.of(1, 2, 8)));
    var random = new GroupNoise(1);
    var stream = random.stream(Purpose.REFERENCE, 0);
    assertArrayEquals(new int[] {7, 7}, references.draw(new Prompt(3, ""), 1, 2, stream));
    int[] three = references.draw(new Prompt(4, ""), 1, 3, stream);
    assertArrayEquals(new int[] {1, 2, 8}, IntStream.of(three).sorted().toArray());
    int[] any = references.draw(new Prompt(3, ""), 0, 10, stream);
    assertArrayEquals(IntStream.range(0, 10).toArray(), IntStream.of(any).sorted().toArray());
    int[] mixed = references.draw(new Prompt(3, ""), 0.25, 8, stream);
    assertArrayEquals(new int[] {7, 7}, Arrays.copyOf(mixed, 2));
    assertEquals(6, IntStream.of(mixed).skip(2).distinct().count());
    assertEquals(Map.of(7, 3, 1, 4, 2, 4, 8, 4), references.prompts());
    assertThrows(
        IllegalArgumentException.class,
        () -> new References(images(2, 128, 1), Map.of(0, List.of(2))));
  }

  /** The order of a map's entries is another in each process; the runs are to be the same. */
  @Test
  void shouldLabelASharedImageAlikeInEveryProcess() {
    Map<Integer, List<Integer>> byPrompt = new HashMap<>();
    for (int prompt = 5; prompt < 1000; prompt++) {
      byPrompt.put(prompt, List.of(0));
    }
    assertEquals(Map.of(0, 5), new References(images(1, 128, 1), byPrompt).prompts());
  }

  @Test
  void shouldRefuseToScoreWithoutWeightsOrWithThoseOfAnotherHead() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorReward empty =
        new DiscriminatorReward(view, SEED, new PixelEncoder(), PromptVectors.none());
    assertThrows(IllegalStateException.class, () -> empty.judge(group(0, 0, 100), () -> {}));
    DiscriminatorCritic conditional = make(critic(1), view(2, AugmentationConfig.NONE));
    DiscriminatorReward sees =
        new DiscriminatorReward(
            view(2, AugmentationConfig.NONE), SEED, new PixelEncoder(), VECTORS);
    sees.load(conditional.weights());
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> sees.load(make(critic(1), view).weights()));
    assertTrue(error.getMessage().contains("condition.weight"), error.getMessage());
  }

  @Test
  void shouldJoinASumAndHandFeaturesOn() {
    DiscriminatorConfig view = view(2, AugmentationConfig.NONE);
    DiscriminatorCritic critic = make(critic(1), view);
    ImageGroup group = group(0, 0, 120);
    RewardSum sum =
        Rewards.adversarial(PixelEncoder::new, view, VECTORS)
            .weight(0.7)
            .plus(Rewards.jpegCompressibility().weight(0.3));
    try (GroupScorer scorer = sum.scorer(SEED)) {
      assertEquals(critic.weights().contentHash(), scorer.load(critic.weights()).hash());
      GroupScorer.Result result = scorer.score(group, () -> {});
      var scored = assertInstanceOf(Reward.Scored.class, result.outcome());
      float[] learned = scored.parts().get("adversarial");
      float[] jpeg = scored.parts().get("jpeg");
      for (int i = 0; i < G; i++) {
        assertEquals(0.7 * learned[i] + 0.3 * jpeg[i], scored.total()[i], 1e-6);
        assertEquals(
            0.7 * scored.parts().get("adversarial/global")[i]
                + 0.3 * scored.parts().get("adversarial/local")[i],
            learned[i],
            1e-6);
      }
      GroupFeatures features = result.features().orElseThrow();
      assertEquals(group.id(), features.id());
      assertEquals(3.0, critic.update(0, List.of(features)).get("critic/head-steps"));
    }
  }

  /** Of a 32 x 32 image 1024 places, of which some are kept. */
  @Test
  void shouldTellTheBytesOfFeatures() {
    DiscriminatorConfig view = view(0, AugmentationConfig.NONE);
    DiscriminatorSpec spec = new DiscriminatorSpec(PixelEncoder::new, view, VECTORS);
    // Means of 3 channels, 6 statistics, and 256 places of 3 channels.
    assertEquals(4 * (3 + 6 + 256 * 3), spec.featureBytes());
    assertEquals(
        (10 + 6) * 100, DiscriminatorSpec.keptBytes(critic(1), 10, 100), "references and replay");
  }

  @Test
  void shouldSayWhatIsWrongWithASetting() {
    check("skip-above 0.5 must be in (0.5, 1]", () -> critic(0.5));
    check(
        "local-weight 0.3 must be positive with maps and 0 without",
        () ->
            new DiscriminatorConfig(
                8,
                List.of("pool"),
                List.of(),
                List.of(),
                false,
                Normalise.L2,
                0,
                0.7,
                0.3,
                0,
                256,
                AugmentationConfig.NONE,
                PoolingConfig.PLAIN));
    check("blur 9.0 must be 0 to 8 pixels", () -> new AugmentationConfig(9, 0));
    DiscriminatorConfig lite0 = DiscriminatorConfig.lite0();
    check(
        "the discriminator needs encoder output \"pool\" with 2 dimensions; the encoder has"
            + " {map=[1, 3, 4, 4], mean=[1, 3]}",
        () -> FeatureBatch.views(lite0, new PixelEncoder().encode(images(1, 128, 1))));
  }

  private static void check(String message, Executable broken) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, broken).getMessage());
  }

  @Test
  void shouldBlurAndAddNoiseOnlyAsAskedFor() {
    Images images = images(2, 128, 5);
    var noise = new GroupNoise(1);
    IntFunction<RandomStream> streams =
        n -> noise.stream(Purpose.CRITIC_UPDATE, new GroupId(0, 0), n, 1);
    assertArrayEquals(
        images.rgb(), Augmentation.apply(AugmentationConfig.NONE, images, streams).rgb());
    Images blurred = Augmentation.apply(new AugmentationConfig(3, 0), images, streams);
    assertTrue(spread(blurred) < 0.8 * spread(images), "blur: " + spread(blurred));
    Images noisy = Augmentation.apply(new AugmentationConfig(0, 0.5), images, streams);
    assertTrue(spread(noisy) > 1.1 * spread(images), "noise: " + spread(noisy));
    assertArrayEquals(
        Augmentation.apply(new AugmentationConfig(2, 0.2), images, streams).get(0).rgb(),
        Augmentation.apply(new AugmentationConfig(2, 0.2), images.get(0), streams).rgb());
  }

  private static double spread(Images images) {
    double sum = 0;
    for (byte level : images.rgb()) {
      sum += Math.pow((level & 0xff) - 128, 2);
    }
    return Math.sqrt(sum / images.rgb().length);
  }

  private static float mean(float[] values) {
    float sum = 0;
    for (float value : values) {
      sum += value / values.length;
    }
    return sum;
  }
}
