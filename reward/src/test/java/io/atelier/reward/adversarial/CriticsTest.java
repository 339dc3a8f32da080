package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two discriminators of different shape, loss and cadence, on images of 4 x 4 pixels. */
class CriticsTest {

  private static final long SEED = 3;
  private static final int STEPS = 4;

  private static final DiscriminatorSpec WHOLE = spec(List.of("mean"), List.of("map"));
  private static final DiscriminatorSpec LOCAL = spec(List.of(), List.of("map"));
  private static final CriticConfig EVERY_STEP = config(1, 2, CriticLoss.HINGE);
  private static final CriticConfig EVERY_OTHER = config(2, 1, CriticLoss.LOGISTIC);

  private static final RewardSum SUM =
      Rewards.adversarial(WHOLE).plus(Rewards.adversarial("local", LOCAL, EVERY_OTHER).weight(0.5));

  private static DiscriminatorSpec spec(List<String> vectors, List<String> maps) {
    DiscriminatorConfig view =
        new DiscriminatorConfig(
            16,
            vectors,
            maps,
            maps,
            false,
            Normalise.STANDARD,
            0,
            0.7,
            0.3,
            0,
            256,
            AugmentationConfig.NONE,
            PoolingConfig.PLAIN);
    return new DiscriminatorSpec(PixelEncoder::new, view, PromptVectors.none());
  }

  private static CriticConfig config(int every, int steps, CriticLoss loss) {
    AdamConfig adam = AdamConfig.discriminator(1e-2);
    return new CriticConfig(
        adam, every, Optional.empty(), steps, 1, 1, 4, 0.1, 0, 1, 1, 6, 0.5, 8, Optional.of(loss));
  }

  private static References references() {
    return References.onePerPrompt(images(10, 170, 9), IntStream.range(0, 10).boxed().toList());
  }

  private static Images images(int count, int level, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] rgb = new byte[count * 48];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (level + random.nextInt(-60, 60));
    }
    return new Images(count, 4, 4, rgb);
  }

  private static List<ImageGroup> groups(int step) {
    List<ImageGroup> groups = new ArrayList<>();
    for (int slot = 0; slot < 3; slot++) {
      Images images = images(4, 90, step * 100L + slot);
      Prompt prompt = new Prompt(slot, "prompt " + slot);
      groups.add(new ImageGroup(new GroupId(step, slot), prompt, images, step, "hash"));
    }
    return groups;
  }

  private static Critic critics(RewardSum sum) {
    return Critics.of(sum.taught(), taught -> taught.critic(EVERY_STEP, SEED, references()));
  }

  /** Scores of a step's groups, and what the critic measured when it had seen them. */
  private record Step(List<Reward.Scored> scores, Map<String, Double> measured) {}

  private static Step step(int step, GroupScorer scorer, Critic critic) {
    NamedTensors weights = critic.weights();
    assertEquals(weights.contentHash(), scorer.load(weights).hash());
    List<Reward.Scored> scores = new ArrayList<>();
    List<GroupFeatures> features = new ArrayList<>();
    for (ImageGroup group : groups(step)) {
      GroupScorer.Result result = scorer.score(group, () -> {});
      scores.add(assertInstanceOf(Reward.Scored.class, result.outcome()));
      features.add(result.features().orElseThrow());
    }
    return new Step(scores, critic.update(step, features));
  }

  /** The bits of each are those that it has where it is the only one. */
  @Test
  void shouldTeachEachAsIfItWereAlone() {
    RewardSum local = Rewards.adversarial("local", LOCAL, EVERY_OTHER);
    try (Critic both = critics(SUM);
        Critic first = critics(Rewards.adversarial(WHOLE));
        Critic second = critics(local);
        GroupScorer scorer = SUM.scorer(SEED);
        GroupScorer firstScorer = Rewards.adversarial(WHOLE).scorer(SEED);
        GroupScorer secondScorer = local.scorer(SEED)) {
      for (int step = 0; step < STEPS; step++) {
        Step joint = step(step, scorer, both);
        Step one = step(step, firstScorer, first);
        Step other = step(step, secondScorer, second);
        for (int group = 0; group < 3; group++) {
          float[] own = one.scores().get(group).total();
          float[] beside = other.scores().get(group).total();
          Map<String, float[]> parts = joint.scores().get(group).parts();
          assertArrayEquals(own, parts.get("adversarial"));
          assertArrayEquals(beside, parts.get("local"));
          for (int i = 0; i < own.length; i++) {
            assertEquals(own[i] + 0.5f * beside[i], joint.scores().get(group).total()[i], 1e-6);
          }
        }
        Set<String> names = new TreeSet<>(one.measured().keySet());
        names.addAll(other.measured().keySet());
        assertEquals(names, new TreeSet<>(joint.measured().keySet()));
        assertTrue(
            names.contains("critic/loss") && names.contains("critic/local/loss"), "" + names);
        one.measured().forEach((name, value) -> assertEquals(value, joint.measured().get(name)));
        other.measured().forEach((name, value) -> assertEquals(value, joint.measured().get(name)));
        assertEquals(2, joint.measured().get("critic/head-steps"));
        assertEquals(step % 2 == 0 ? 1 : 0, joint.measured().get("critic/local/head-steps"));
      }
      List<String> names = List.of("adversarial", "local");
      assertEquals(
          first.weights().contentHash(),
          Critics.part(names, both.weights(), "adversarial").contentHash());
      assertEquals(
          second.weights().part("local:").contentHash(),
          Critics.part(names, both.weights(), "local").contentHash());
    }
  }

  @Test
  void shouldGoOnWithTheSameBits() {
    try (Critic straight = critics(SUM);
        Critic resumed = critics(SUM);
        GroupScorer scorer = SUM.scorer(SEED)) {
      step(0, scorer, straight);
      resumed.restore(straight.state());
      for (int step = 1; step < STEPS; step++) {
        step(step, scorer, straight);
        step(step, scorer, resumed);
        assertEquals(straight.state().contentHash(), resumed.state().contentHash());
      }
    }
  }

  @Test
  void shouldDrawByTheNameAndNotByTheOrder() {
    RewardSum one = Rewards.adversarial("one", WHOLE, EVERY_STEP);
    RewardSum two = Rewards.adversarial("two", WHOLE, EVERY_STEP);
    try (Critic forth = critics(one.plus(two));
        Critic back = critics(two.plus(one))) {
      assertEquals(forth.weights().contentHash(), back.weights().contentHash());
      assertNotEquals(
          forth.weights().part("one:").contentHash(), forth.weights().part("two:").contentHash());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Local", "lo cal", "a:b", "a/b", "1st"})
  void shouldRefuseANameThatWouldBeTakenApart(String name) {
    assertThrows(
        IllegalArgumentException.class, () -> Rewards.adversarial(name, LOCAL, EVERY_OTHER));
  }

  /** Names of tensors begin with it, and what carries them has a limit. */
  @Test
  void shouldRefuseALongName() {
    Rewards.adversarial("a".repeat(64), LOCAL, EVERY_OTHER);
    assertThrows(
        IllegalArgumentException.class,
        () -> Rewards.adversarial("a".repeat(65), LOCAL, EVERY_OTHER));
  }

  @Test
  void shouldRefuseTwoOfOneName() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Rewards.adversarial(WHOLE).plus(Rewards.adversarial(LOCAL)));
  }

  /** Its measurements would be added to those of the sum, or be put in place of them. */
  @ParameterizedTest
  @ValueSource(strings = {"total", "zero-variance"})
  void shouldRefuseTheNamesOfWhatIsReportedOfTheSum(String name) {
    assertThrows(
        IllegalArgumentException.class, () -> Rewards.adversarial(name, LOCAL, EVERY_OTHER));
    assertThrows(
        IllegalArgumentException.class,
        () -> Rewards.of(name, (images, prompt) -> new float[images.count()]));
  }

  @Test
  void shouldTellWhichOneFails() {
    CriticConfig steep =
        new CriticConfig(
            AdamConfig.discriminator(3e38),
            1,
            Optional.empty(),
            9,
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
    RewardSum sum =
        Rewards.adversarial(WHOLE).plus(Rewards.adversarial("local", LOCAL, steep).weight(0.5));
    try (Critic both = critics(sum);
        GroupScorer scorer = sum.scorer(SEED)) {
      CriticException failed = assertThrows(CriticException.class, () -> step(0, scorer, both));
      assertTrue(failed.getMessage().startsWith("critic \"local\": "), failed.getMessage());
    }
  }

  @Test
  void shouldNotGoOnFromTheStateOfOtherCritics() {
    RewardSum other =
        Rewards.adversarial(WHOLE).plus(Rewards.adversarial("other", LOCAL, EVERY_STEP));
    try (Critic both = critics(SUM);
        Critic alone = critics(Rewards.adversarial(WHOLE));
        Critic others = critics(other)) {
      for (Critic wrong : List.of(alone, others)) {
        String told =
            assertThrows(IllegalArgumentException.class, () -> both.restore(wrong.state()))
                .getMessage();
        assertTrue(told.contains("the critics adversarial, local: "), told);
      }
    }
  }

  @Test
  void shouldLetGoOfAllWhereOneCannotBeMade() {
    List<String> closed = new ArrayList<>();
    IllegalStateException broken = new IllegalStateException("no such encoder");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Critics.of(
                    SUM.taught(),
                    taught -> {
                      if (taught.name().equals("local")) {
                        throw broken;
                      }
                      return new DiscriminatorSpec(
                              () -> new PixelEncoder(() -> closed.add(taught.name())),
                              WHOLE.config(),
                              WHOLE.prompts())
                          .critic(EVERY_STEP, SEED, references());
                    }));
    assertSame(broken, thrown);
    assertEquals(List.of("adversarial"), closed);
  }

  /** The encoder of a scorer, how many images passed through it, and how often it was closed. */
  private static final class Looks {
    private int opened;
    private int closed;
    private int images;

    PixelEncoder open() {
      opened++;
      return new PixelEncoder(() -> closed++) {
        @Override
        public Map<String, Feature> encode(Images shown) {
          images += shown.count();
          return super.encode(shown);
        }
      };
    }
  }

  @Test
  void shouldPassAGroupOnceThroughTheEncoderOfBoth() {
    Looks looks = new Looks();
    Supplier<Encoder> encoder = looks::open;
    RewardSum shared =
        Rewards.adversarial(new DiscriminatorSpec(encoder, WHOLE.config(), PromptVectors.none()))
            .plus(
                Rewards.adversarial(
                        "local",
                        new DiscriminatorSpec(encoder, LOCAL.config(), PromptVectors.none()),
                        EVERY_OTHER)
                    .weight(0.5));
    try (Critic critic = critics(SUM);
        GroupScorer apart = SUM.scorer(SEED)) {
      GroupScorer together = shared.scorer(SEED);
      step(0, apart, critic);
      NamedTensors weights = critic.weights();
      apart.load(weights);
      together.load(weights);
      for (ImageGroup group : groups(1)) {
        Reward.Scored alone =
            assertInstanceOf(Reward.Scored.class, apart.score(group, () -> {}).outcome());
        Reward.Scored both =
            assertInstanceOf(Reward.Scored.class, together.score(group, () -> {}).outcome());
        assertArrayEquals(alone.total(), both.total());
      }
      assertEquals(3 * 4, looks.images);
      together.close();
      assertEquals(1, looks.opened);
      assertEquals(1, looks.closed);
    }
  }
}
