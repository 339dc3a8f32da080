package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.ClipTail;
import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.CriticTrigger;
import io.atelier.reward.adversarial.PickScoreCritic;
import io.atelier.reward.adversarial.PickScoreReward;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.clip.TextImageReward;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * PickScore that learns, on the small CLIP of the golden set. By its first weights, and in the
 * mean, the images that are called better there score above the others, each under its own prompt.
 */
@Tag("golden")
class PickScoreCriticTest {

  private static final long SEED = 7;
  private static final List<Prompt> PROMPTS = new ArrayList<>();
  private static Images better;
  private static Images worse;

  @TempDir static Path folder;
  private static ClipFolder clip;

  @BeforeAll
  static void open() throws IOException {
    clip = ClipFolder.open(GoldenClip.write(folder, "transformers"));
    Images all = GoldenImages.read(Golden.tensors("clip", "expected.safetensors"));
    better = all.slice(0, 3);
    worse = all.slice(3, 6);
    Golden.json("clip", "case.json")
        .get("prompts")
        .forEach(text -> PROMPTS.add(new Prompt(10 + PROMPTS.size(), text.asText())));
  }

  private static CriticConfig config(double rate, int steps, CriticLoss loss) {
    return config(rate, 1, Optional.empty(), steps, loss);
  }

  private static CriticConfig config(
      double rate, int every, Optional<CriticTrigger> trigger, int steps, CriticLoss loss) {
    AdamConfig adam = AdamConfig.discriminator(rate);
    return new CriticConfig(
        adam, every, trigger, steps, 1, 0, 1, 0, 0, 1, 1, 0, 0, 2, Optional.of(loss));
  }

  /** Image i belongs to prompt i modulo 3. */
  private static References references(ImageSource images) {
    Map<Integer, List<Integer>> byPrompt = new TreeMap<>();
    for (int i = 0; i < images.count(); i++) {
      byPrompt.computeIfAbsent(PROMPTS.get(i % 3).index(), none -> new ArrayList<>()).add(i);
    }
    return new References(images, byPrompt);
  }

  /** A group of {@code each} images for each prompt, all the same. */
  private static List<ImageGroup> groups(int step, Images images, int each) {
    List<ImageGroup> groups = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Images[] same = new Images[each];
      Arrays.fill(same, images.get(i));
      groups.add(
          new ImageGroup(new GroupId(step, i), PROMPTS.get(i), Images.concat(same), 0, "hash"));
    }
    return groups;
  }

  private static List<GroupFeatures> judge(AdversarialReward reward, List<ImageGroup> groups) {
    return groups.stream()
        .map(group -> reward.judge(group, () -> {}).features().orElseThrow())
        .toList();
  }

  private static double mean(AdversarialReward reward, Images images) {
    double sum = 0;
    for (ImageGroup group : groups(0, images, 1)) {
      sum += ((Reward.Scored) reward.score(group)).total()[0] / 3;
    }
    return sum;
  }

  /** What PickScore, frozen, gives to images under their prompts, in the mean. */
  private static double frozen(Images images) {
    try (TextImageReward reward =
        new TextImageReward("frozen", Formula.PICKSCORE, new Clip(clip, 1))) {
      double sum = 0;
      for (ImageGroup group : groups(0, images, 1)) {
        sum += assertInstanceOf(Scored.class, reward.score(group)).total()[0] / 3;
      }
      return sum;
    }
  }

  @ParameterizedTest
  @CsvSource({"1,LOGISTIC", "2,LOGISTIC", "4,CROSS_ENTROPY"})
  void shouldLearnOnlyWhereGeneratedImagesScoreAboveReferences(int layers, CriticLoss loss) {
    PickScoreSpec spec = new PickScoreSpec(clip, layers);
    double high = frozen(better);
    double low = frozen(worse);
    assertTrue(high > low);
    for (boolean hacked : new boolean[] {false, true}) {
      try (PickScoreReward reward = spec.reward(SEED);
          PickScoreCritic critic =
              spec.critic(config(5e-6, 1, loss), SEED, references(hacked ? worse : better))) {
        NamedTensors before = critic.weights();
        reward.load(before);
        Map<String, Double> report =
            critic.update(0, judge(reward, groups(0, hacked ? better : worse, 2)));
        assertEquals(hacked ? low : high, report.get("critic/reward-reference"), 1e-6);
        assertEquals(hacked ? high : low, report.get("critic/reward-generated"), 1e-6);
        assertEquals(hacked ? 1 : 0, report.get("critic/trained"));
        assertEquals(hacked ? 1 : 0, report.get("critic/head-steps"));
        // by the logits of the golden file: its better images win in two of three pairs
        assertEquals(hacked ? 1 / 3.0 : 2 / 3.0, report.get("critic/accuracy"), 1e-9);
        Held held = reward.load(critic.weights());
        assertEquals(critic.weights().contentHash(), held.hash());
        assertEquals(hacked, !before.contentHash().equals(held.hash()));
        assertEquals(hacked ? 16 * layers : 0, held.changed(), 1e-9 + (hacked ? layers : 0));
        double gap = mean(reward, worse) - mean(reward, better);
        assertEquals(hacked, gap > low - high + 1e-6, "references gain on images");
      }
    }
  }

  /** One update is one step of Adam on the mean loss of all pairs. */
  @ParameterizedTest
  @EnumSource
  void shouldTakeTheStepThatTheTailTakesByHand(CriticLoss loss) {
    PickScoreSpec spec = new PickScoreSpec(clip, 2);
    CriticConfig config = config(1e-3, 1, loss);
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic critic = spec.critic(config, SEED, references(worse));
        ClipTail tail = new ClipTail(clip, 2, 1)) {
      reward.load(critic.weights());
      List<GroupFeatures> generated = judge(reward, groups(0, better, 1));
      List<GroupFeatures> real = judge(reward, groups(0, worse, 1));
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        float[] text = generated.get(i).features().get("text").values();
        Tensor tokens = generated.get(i).features().get("tokens");
        Tensor reference = real.get(i).features().get("tokens");
        double g = tail.scale() * tail.cosines(tokens, text)[0];
        double r = tail.scale() * tail.cosines(reference, text)[0];
        sum += loss.of(r, g) / 3;
        double each = tail.scale() / 3;
        tail.backward(reference, text, new float[] {(float) (each * loss.referenceSlope(r, g))});
        tail.backward(tokens, text, new float[] {(float) (each * loss.generatedSlope(r, g))});
      }
      Map<String, float[]> weights = new TreeMap<>();
      NamedTensors expected = tail.weights();
      expected.asMap().forEach((name, tensor) -> weights.put(name, tensor.values()));
      Map<String, float[]> gradients = new TreeMap<>();
      tail.trained().gradients().asMap().forEach((name, g) -> gradients.put(name, g.values()));
      new Adam(config.adam(), expected).step(weights, gradients);
      assertEquals(sum, critic.update(0, generated).get("critic/loss"), 1e-9);
      assertEquals(expected.contentHash(), critic.weights().contentHash());
    }
  }

  /** Several steps on the same images: as many as it takes until references score higher. */
  @Test
  void shouldStopWhenReferencesScoreHigher() {
    PickScoreSpec spec = new PickScoreSpec(clip, 2);
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic critic =
            spec.critic(config(1e-4, 1000, CriticLoss.LOGISTIC), SEED, references(worse))) {
      reward.load(critic.weights());
      List<GroupFeatures> groups = judge(reward, groups(0, better, 1));
      double taken = critic.update(0, groups).get("critic/head-steps");
      assertTrue(taken > 1 && taken < 1000, "steps: " + taken);
      reward.load(critic.weights());
      assertTrue(mean(reward, worse) >= mean(reward, better));
      Map<String, Double> next = critic.update(1, groups);
      assertEquals(0, next.get("critic/trained"));
      assertEquals(mean(reward, worse), next.get("critic/reward-reference"), 1e-6);
    }
  }

  /** Where references score higher, too, but in every second step only. */
  @Test
  void shouldAlwaysLearnIfItIsTold() {
    PickScoreSpec spec = new PickScoreSpec(clip, 2);
    CriticConfig always =
        config(1e-5, 2, Optional.of(CriticTrigger.ALWAYS), 2, CriticLoss.LOGISTIC);
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic critic = spec.critic(always, SEED, references(better))) {
      reward.load(critic.weights());
      List<GroupFeatures> groups = judge(reward, groups(0, worse, 1));
      for (int step = 0; step < 4; step++) {
        String before = critic.weights().contentHash();
        Map<String, Double> measured = critic.update(step, groups);
        assertTrue(
            measured.get("critic/reward-reference") > measured.get("critic/reward-generated"));
        assertEquals(step % 2 == 0 ? 2 : 0, measured.get("critic/head-steps"));
        assertEquals(step % 2 != 0, before.equals(critic.weights().contentHash()));
      }
    }
  }

  @Test
  void shouldGoOnWithTheSameBits() {
    PickScoreSpec spec = new PickScoreSpec(clip, 2);
    CriticConfig config = config(1e-4, 1, CriticLoss.LOGISTIC);
    References references = references(Images.concat(worse, worse));
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic straight = spec.critic(config, SEED, references)) {
      NamedTensors state = null;
      for (int step = 0; step < 4; step++) {
        if (step == 2) {
          state = straight.state();
        }
        reward.load(straight.weights());
        String before = straight.weights().contentHash();
        straight.update(step, judge(reward, groups(step, better, 2)));
        assertNotEquals(before, straight.weights().contentHash());
      }
      try (PickScoreCritic resumed = spec.critic(config, SEED, references);
          PickScoreReward again = spec.reward(SEED)) {
        resumed.restore(state);
        for (int step = 2; step < 4; step++) {
          again.load(resumed.weights());
          resumed.update(step, judge(again, groups(step, better, 2)));
        }
        assertEquals(straight.weights().contentHash(), resumed.weights().contentHash());
        assertEquals(straight.state().contentHash(), resumed.state().contentHash());
      }
      NamedTensors ofTwoLayers = state;
      PickScoreSpec other = new PickScoreSpec(clip, 1);
      try (PickScoreCritic one = other.critic(config, SEED, references)) {
        assertThrows(IllegalArgumentException.class, () -> one.restore(ofTwoLayers));
      }
    }
  }

  /** What is published does not change with the updates that follow. */
  @Test
  void shouldPublishTheLayersThatLearnAndNothingElse() {
    PickScoreSpec spec = new PickScoreSpec(clip, 1);
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic critic =
            spec.critic(config(1e-3, 1, CriticLoss.LOGISTIC), SEED, references(worse))) {
      NamedTensors first = critic.weights();
      assertEquals(16, first.names().size());
      assertEquals(Float.BYTES * first.elements(), spec.versionBytes());
      first
          .asMap()
          .forEach(
              (name, tensor) -> {
                assertTrue(name.startsWith("vision_model.encoder.layers.3."), name);
                assertArrayEquals(
                    clip.vision().weights().tensors().floats(name), tensor.values(), name);
              });
      String hash = first.contentHash();
      reward.load(first);
      critic.update(0, judge(reward, groups(0, better, 1)));
      assertEquals(hash, first.contentHash());
    }
  }

  /** Which places of {@code images} are asked for. */
  private record Watched(Images images, Set<Integer> read) implements ImageSource {
    @Override
    public int count() {
      return images.count();
    }

    @Override
    public int height() {
      return images.height();
    }

    @Override
    public int width() {
      return images.width();
    }

    @Override
    public Images get(int index) {
      read.add(index);
      return images.get(index);
    }

    @Override
    public void identify(MessageDigest digest) {
      images.identify(digest);
    }
  }

  /** Of the four references of each prompt, two images are held against two. */
  @Test
  void shouldPairImagesWithReferencesOfTheirOwnPrompt() {
    PickScoreSpec spec = new PickScoreSpec(clip, 1);
    Set<Integer> read = new TreeSet<>();
    Images four = Images.concat(worse, better, worse, better);
    try (PickScoreReward reward = spec.reward(SEED);
        PickScoreCritic critic =
            spec.critic(
                config(1e-4, 1, CriticLoss.LOGISTIC), SEED, references(new Watched(four, read)))) {
      reward.load(critic.weights());
      for (int i = 0; i < 3; i++) {
        read.clear();
        critic.update(i, judge(reward, List.of(groups(i, better, 2).get(i))));
        assertEquals(2, read.size());
        for (int place : read) {
          assertEquals(i, place % 3);
        }
      }
      Prompt stranger = new Prompt(99, "a prompt without images");
      List<GroupFeatures> without =
          judge(reward, List.of(new ImageGroup(new GroupId(0, 0), stranger, better, 0, "hash")));
      String message =
          assertThrows(IllegalArgumentException.class, () -> critic.update(3, without))
              .getMessage();
      assertTrue(message.contains("no reference of the prompt \"a prompt without images\""));
      assertThrows(IllegalArgumentException.class, () -> critic.update(3, List.of()));
    }
  }

  /** A layer: four maps of 32 x 32, two of 32 x 64, their biases, and two norms. */
  @Test
  void shouldSayWhatItTakes() {
    PickScoreSpec spec = new PickScoreSpec(clip, 1);
    long layer = 4 * 32 * 33 + 64 * 33 + 32 * 65 + 2 * 64;
    assertEquals(4 * (1 + 16) * 32, spec.featureBytes());
    assertEquals(4 * 3 * (4 * 32 * 32 + 3 * 24 * 24), spec.sharedBytes());
    assertEquals(4 * layer, spec.versionBytes());
    assertEquals(2 * 4 * layer, new PickScoreSpec(clip, 2).versionBytes());
    assertEquals(3 * 4 * layer, spec.scorerBytes());
    assertEquals(10 * 4 * layer + 6 * spec.featureBytes(), spec.criticBytes(6));
  }

  @Test
  void shouldNotScoreBeforeItHasWeights() {
    PickScoreSpec spec = new PickScoreSpec(clip, 1);
    try (PickScoreReward reward = spec.reward(SEED)) {
      ImageGroup group = groups(0, better, 1).get(0);
      assertThrows(IllegalStateException.class, () -> reward.score(group));
    }
    assertThrows(IllegalArgumentException.class, () -> new PickScoreSpec(clip, 5));
  }
}
