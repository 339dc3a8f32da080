package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.safetensors.Bfloat16;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Generator.Sampled;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.GroupSampler;
import io.atelier.rollout.sampler.LatentDecoder;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.Latents;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GroupSamplerTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final Prompt FOX = new Prompt(0, "a red fox");
  private static final Prompt SEA = new Prompt(1, "the sea");

  private NDManager scope;
  private DiffusionModel model;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
    model = TinyModel.load(scope);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static RolloutConfig config(double guidance, boolean merge) {
    return config(guidance, merge, LatentType.FLOAT32);
  }

  private static RolloutConfig config(double guidance, boolean merge, LatentType latents) {
    TrainedWindow window = new TrainedWindow(2, 0, 3);
    return new RolloutConfig(
        3, 0, 64, 64, 4, guidance, StepKind.CPS, 0.8, window, false, merge, 2, 1, latents);
  }

  private GroupSampler sampler(RolloutConfig config) {
    return new GroupSampler(scope, model, ADAPTER, config, new GroupNoise(5), true, false);
  }

  /** Of 3 images of 32 x 32, their first steps trained. */
  private Sampled completed(int trained, boolean shared, int chunk, LatentType latents) {
    TrainedWindow window = TrainedWindow.first(trained);
    RolloutConfig config =
        new RolloutConfig(
            3, chunk, 32, 32, 5, 4.5, StepKind.CPS, 0.8, window, shared, false, 2, 1, latents);
    try (GroupSampler sampler =
        new GroupSampler(scope, model, ADAPTER, config, new GroupNoise(5), false, true)) {
      sampler.load(policy(1));
      return sampler.sample(new GroupId(2, 0), FOX);
    }
  }

  /** Where one step less is trained, the images are drawn from the state before it. */
  @ParameterizedTest
  @CsvSource({"true, 0, FLOAT32", "false, 0, FLOAT32", "true, 1, FLOAT32", "false, 3, BFLOAT16"})
  void shouldDrawTheStatesBeforeTrainedStepsToTheEnd(
      boolean shared, int chunk, LatentType latents) {
    Sampled three = completed(3, shared, chunk, latents);
    Sampled two = completed(2, shared, chunk, latents);
    Sampled one = completed(1, shared, chunk, latents);
    assertEquals(3, three.completions().size());
    assertEquals(shared ? 1 : 3, three.completions().get(0).count());
    assertArrayEquals(one.images().rgb(), three.completions().get(1).rgb());
    assertArrayEquals(two.images().rgb(), three.completions().get(2).rgb());
    assertArrayEquals(one.images().rgb(), two.completions().get(1).rgb());
    assertArrayEquals(one.completions().get(0).rgb(), three.completions().get(0).rgb());
    assertFalse(Arrays.equals(one.images().rgb(), two.images().rgb()));
  }

  @Test
  void shouldDrawTheSameImagesWithCompletionsAndNoneWithout() {
    RolloutConfig config = config(4.5, false);
    GroupId id = new GroupId(0, 0);
    try (GroupSampler without = sampler(config);
        GroupSampler with =
            new GroupSampler(scope, model, ADAPTER, config, new GroupNoise(5), true, true)) {
      Sampled completed = with.sample(id, FOX);
      Sampled plain = without.sample(id, FOX);
      assertTrue(same(plain, completed));
      assertTrue(plain.completions().isEmpty());
      assertEquals(2, completed.completions().size());
    }
  }

  private NamedTensors policy(long seed) {
    NamedTensors like = new MmditAdapter(scope, model.network(), ADAPTER).weights().export();
    return TinyModel.noisy(like, seed, 0.2);
  }

  @Test
  void shouldDrawAGroupAgainWithTheSameBits() {
    try (GroupSampler sampler = sampler(config(4.5, false))) {
      sampler.load(policy(1));
      Sampled first = sampler.sample(new GroupId(3, 1), FOX);
      sampler.sample(new GroupId(3, 2), SEA); // pushes the first prompt out of the cache
      sampler.load(policy(2));
      assertFalse(same(first, sampler.sample(new GroupId(3, 1), FOX)));
      sampler.load(policy(1));
      assertTrue(same(first, sampler.sample(new GroupId(3, 1), FOX)));
      assertFalse(same(first, sampler.sample(new GroupId(3, 1), SEA)));
      assertFalse(same(first, sampler.sample(new GroupId(4, 1), FOX)));
    }
  }

  @Test
  void shouldNameTheNoiseLevelWherePolicyWeightsHaveDiverged() {
    NamedTensors like = new MmditAdapter(scope, model.network(), ADAPTER).weights().export();
    try (GroupSampler sampler = sampler(config(4.5, false))) {
      sampler.load(TinyModel.noisy(like, 1, 1e30)); // finite, but their products are not
      GroupId id = new GroupId(0, 0);
      var error = assertThrows(ArithmeticException.class, () -> sampler.sample(id, FOX));
      assertTrue(error.getMessage().contains("at timestep 1000.0 add up to"), error.getMessage());
      sampler.load(policy(1));
      assertEquals(3, sampler.sample(id, FOX).images().count());
    }
  }

  private static boolean same(Sampled a, Sampled b) {
    return Arrays.equals(a.images().rgb(), b.images().rgb())
        && Arrays.equals(a.trajectory().latents(), b.trajectory().latents())
        && Arrays.equals(a.trajectory().logProb(), b.trajectory().logProb());
  }

  @ParameterizedTest
  @EnumSource(LatentType.class)
  void shouldRecordTheTrainedStepsInAChain(LatentType type) {
    try (GroupSampler sampler = sampler(config(4.5, false, type))) {
      Sampled sampled = sampler.sample(new GroupId(0, 0), FOX);
      Trajectory t = sampled.trajectory();
      int size = 3 * 16 * 8 * 8;

      assertEquals(3, sampled.images().count());
      assertEquals(64, sampled.images().height());
      assertArrayEquals(new int[] {16, 8, 8}, t.latentShape());
      assertEquals(2, t.stepIndex().length);
      assertEquals(t.stepIndex()[0] + 1, t.stepIndex()[1]);
      assertEquals(2 * size, t.mean().length);
      assertEquals(6, t.logProb().length);
      assertEquals(3 * size, t.latents().length);
      boolean rounded = type == LatentType.BFLOAT16;
      for (int step = 0; step < t.steps(); step++) {
        assertEquals(rounded, Bfloat16.areAll(t.before(step)));
        assertEquals(rounded, Bfloat16.areAll(t.after(step)));
      }
    }
  }

  @Test
  void shouldPartAtTheFirstTrainedStepFromASharedStart() {
    TrainedWindow window = new TrainedWindow(2, 1, 3);
    RolloutConfig shared =
        new RolloutConfig(
            3, 0, 64, 64, 4, 4.5, StepKind.CPS, 0.8, window, true, false, 2, 1, LatentType.FLOAT32);
    RolloutConfig alone =
        new RolloutConfig(
            1,
            0,
            64,
            64,
            4,
            4.5,
            StepKind.CPS,
            0.8,
            window,
            false,
            false,
            2,
            1,
            LatentType.FLOAT32);
    GroupId id = new GroupId(0, 0);
    int size = 16 * 8 * 8;
    Sampled group;
    try (GroupSampler sampler = sampler(shared)) {
      group = sampler.sample(id, FOX);
    }
    Trajectory t = group.trajectory();
    for (int image = 0; image < 3; image++) {
      int from = image * size;
      assertArrayEquals(
          Arrays.copyOf(t.before(0), size), Arrays.copyOfRange(t.before(0), from, from + size));
      assertEquals(
          image == 0,
          Arrays.equals(
              Arrays.copyOf(t.after(0), size), Arrays.copyOfRange(t.after(0), from, from + size)));
    }
    assertEquals(3, group.images().count());
    try (GroupSampler sampler = sampler(alone)) {
      float[] first = sampler.sample(id, FOX).trajectory().before(0);
      assertArrayEquals(Arrays.copyOf(t.before(0), size), Arrays.copyOf(first, size));
    }
  }

  private static RolloutConfig chunks(
      int group, int chunk, double guidance, boolean shared, boolean merge) {
    TrainedWindow window = new TrainedWindow(2, 1, 3);
    LatentType type = LatentType.FLOAT32;
    return new RolloutConfig(
        group, chunk, 32, 32, 4, guidance, StepKind.CPS, 0.8, window, shared, merge, 2, 1, type);
  }

  private Trajectory drawn(RolloutConfig config) {
    try (GroupSampler sampler = sampler(config)) {
      sampler.load(policy(1));
      return sampler.sample(new GroupId(0, 0), FOX).trajectory();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4.5, false, false",
    "2, 4.5, false, false",
    "2, 1, false, false",
    "2, 4.5, false, true",
    "2, 4.5, true, false",
    "1, 1, true, true"
  })
  void shouldDrawAChunkAsAGroupOfItsSize(
      int chunk, double guidance, boolean shared, boolean merge) {
    Trajectory whole = drawn(chunks(4, 0, guidance, shared, merge));
    Trajectory parts = drawn(chunks(4, chunk, guidance, shared, merge));
    Trajectory first = drawn(chunks(chunk, 0, guidance, shared, merge));
    int size = chunk * first.elements();
    for (int t = 0; t < 2; t++) {
      assertArrayEquals(first.before(t), Arrays.copyOf(parts.before(t), size));
      assertArrayEquals(first.after(t), Arrays.copyOf(parts.after(t), size));
      assertArrayEquals(
          Arrays.copyOfRange(first.logProb(), t * chunk, (t + 1) * chunk),
          Arrays.copyOfRange(parts.logProb(), t * 4, t * 4 + chunk));
    }
    assertArrayEquals(whole.latents(), parts.latents(), 1e-4f);
    assertArrayEquals(whole.mean(), parts.mean(), 1e-4f);
    assertArrayEquals(whole.logProb(), parts.logProb(), 1e-6f);
    // With so small a network, rows have the same bits in all calls but those of one row.
    boolean oneRow = chunk == 1 && guidance == 1;
    assertTrue(!oneRow || !Arrays.equals(whole.latents(), parts.latents()));
  }

  @Test
  void shouldDrawTheSameBitsInAChunkOfTheWholeGroup() {
    GroupId id = new GroupId(0, 0);
    try (GroupSampler whole = sampler(chunks(4, 0, 4.5, false, false));
        GroupSampler one = sampler(chunks(4, 4, 4.5, false, false))) {
      assertTrue(same(whole.sample(id, FOX), one.sample(id, FOX)));
    }
  }

  @Test
  void shouldAnswerALoadWithTheHashOfWhatItHolds() {
    try (GroupSampler sampler = sampler(config(4.5, true))) {
      NamedTensors policy = policy(1);

      assertEquals(policy.contentHash(), sampler.load(policy).hash());
      assertNotEquals(policy.contentHash(), sampler.load(policy(2)).hash());
    }
  }

  @Test
  void shouldDrawNearlyTheSameWithAMergedAdapter() {
    NamedTensors policy = policy(1);
    float[] attached;
    try (GroupSampler sampler = sampler(config(4.5, false))) {
      sampler.load(policy);
      attached = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();
    }
    try (GroupSampler sampler = sampler(config(4.5, true))) {
      float[] base = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();
      sampler.load(policy);
      float[] merged = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();

      assertArrayEquals(attached, merged, 1e-4f);
      assertFalse(Arrays.equals(base, merged));
    }
  }

  @Test
  void shouldEvaluateThePromptAloneWithoutGuidance() {
    float[] single;
    try (GroupSampler sampler = sampler(config(1, false))) {
      single = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();
    }
    try (GroupSampler sampler = sampler(config(1 + 1e-9, false))) {
      float[] both = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();
      assertArrayEquals(single, both, 1e-4f);
    }
    try (GroupSampler sampler = sampler(config(4.5, false))) {
      float[] guided = sampler.sample(new GroupId(0, 0), FOX).trajectory().latents();
      assertFalse(Arrays.equals(single, guided));
    }
  }

  @Test
  void shouldRefuseSizesTheModelDoesNotDraw() {
    RolloutConfig odd = RolloutConfig.of(2, 72, 64);
    var error = assertThrows(IllegalArgumentException.class, () -> sampler(odd));
    assertTrue(error.getMessage().contains("72 x 64"), error.getMessage());
    RolloutConfig huge = RolloutConfig.of(2, 64, 1024);
    assertThrows(IllegalArgumentException.class, () -> sampler(huge));
  }

  @Test
  void shouldRefuseSettingsThatCannotTrain() {
    TrainedWindow two = TrainedWindow.first(2);
    assertThrows(IllegalArgumentException.class, () -> of(0, 4, 4.5, StepKind.CPS, 0.8, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 0, 4.5, StepKind.CPS, 0.8, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 2, 4.5, StepKind.CPS, 0.8, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 4, 0.5, StepKind.CPS, 0.8, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 4, 4.5, StepKind.ODE, 0.8, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 4, 4.5, StepKind.CPS, 1.1, two));
    assertThrows(IllegalArgumentException.class, () -> of(4, 4, 4.5, StepKind.SDE, 0, two));
    assertThrows(IllegalArgumentException.class, () -> chunks(4, 3, 4.5, false, false));
    assertThrows(IllegalArgumentException.class, () -> chunks(4, 8, 4.5, false, false));
    assertThrows(IllegalArgumentException.class, () -> chunks(4, -1, 4.5, false, false));
    assertEquals(4, of(4, 4, 1, StepKind.SDE, 1.1, two).groupSize());
  }

  /** What the learner gets is what the images were decoded from, each from a start of its own. */
  @Test
  void shouldKeepCleanLatentsWhereNoStepIsTrained() {
    RolloutConfig config = of(3, 4, 1, StepKind.ODE, 0, TrainedWindow.NONE);
    try (GroupSampler sampler = sampler(config)) {
      Sampled sampled = sampler.sample(new GroupId(0, 0), FOX);
      Trajectory t = sampled.trajectory();
      assertEquals(0, t.steps());
      assertEquals(3, t.samples());
      assertEquals(16 * 8 * 8, t.elements());
      assertEquals(1, t.prompt().rows());
      float[] first = Arrays.copyOf(t.latents(), t.elements());
      float[] second = Arrays.copyOfRange(t.latents(), t.elements(), 2 * t.elements());
      assertFalse(Arrays.equals(first, second));
      Images decoded =
          new LatentDecoder(model.vae(), 16)
              .decode(Latents.of(scope, t.latents(), t.latentShape()));
      assertArrayEquals(decoded.rgb(), sampled.images().rgb());
    }
    assertThrows(
        IllegalArgumentException.class, () -> of(4, 4, 1, StepKind.CPS, 0.8, TrainedWindow.NONE));
    assertThrows(
        IllegalArgumentException.class, () -> of(4, 4, 1, StepKind.ODE, 0.8, TrainedWindow.NONE));
    assertThrows(IllegalArgumentException.class, () -> new TrainedWindow(0, 0, 2));
  }

  private static RolloutConfig of(
      int group, int steps, double guidance, StepKind kind, double level, TrainedWindow window) {
    return new RolloutConfig(
        group,
        0,
        64,
        64,
        steps,
        guidance,
        kind,
        level,
        window,
        false,
        false,
        16,
        256,
        LatentType.FLOAT32);
  }
}
