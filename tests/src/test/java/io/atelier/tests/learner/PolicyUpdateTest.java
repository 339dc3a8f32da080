package io.atelier.tests.learner;

import static io.atelier.tests.learner.TinyLearning.SAMPLES;
import static io.atelier.tests.learner.TinyLearning.config;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.CreditConfig;
import io.atelier.learner.advantage.CreditMode;
import io.atelier.learner.advantage.GainScale;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.safetensors.Bfloat16;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.rollout.TinyModel;
import io.atelier.tests.toy.GradientSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyUpdateTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final GroupNoise NOISE = new GroupNoise(77);
  private static final LossConfig PLAIN = LossConfig.DEFAULT;

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static RolloutConfig rollout(StepKind kind, boolean merge) {
    return rollout(kind, merge, LatentType.FLOAT32);
  }

  private static RolloutConfig rollout(StepKind kind, boolean merge, LatentType latents) {
    return TinyLearning.rollout(kind, 0, 4.5, false, merge, latents);
  }

  private static RolloutConfig rollout(StepKind kind, int chunk) {
    return TinyLearning.rollout(kind, chunk, 4.5, false, false, LatentType.FLOAT32);
  }

  private PolicyUpdate learner(StepKind kind, PolicyConfig config) {
    return learner(rollout(kind, false), config);
  }

  private PolicyUpdate learner(RolloutConfig rollout, PolicyConfig config) {
    return new PolicyUpdate(
        scope, TinyModel.load(scope).denoiser(), ADAPTER, rollout, config, NOISE);
  }

  private List<ScoredGroup> groups(
      int step, NamedTensors policy, RolloutConfig rollout, boolean means) {
    return TinyLearning.groups(scope, ADAPTER, rollout, NOISE, step, policy, means);
  }

  private Map<String, Double> updateOnce(PolicyUpdate learner, int step, StepKind kind) {
    return updateOnce(learner, step, rollout(kind, false));
  }

  private Map<String, Double> updateOnce(PolicyUpdate learner, int step, RolloutConfig rollout) {
    return learner.update(step, groups(step, learner.weights(), rollout, true));
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldStartFromRatiosOfExactlyOne(StepKind kind) {
    try (PolicyUpdate learner = learner(kind, config(PLAIN, Spread.GROUP, 1))) {
      for (int step = 0; step < 3; step++) {
        Map<String, Double> measured = updateOnce(learner, step, kind);

        assertEquals(1, measured.get("policy/ratio"));
        assertEquals(0, measured.get("policy/ratio-distance-max"));
        assertEquals(0, measured.get("policy/approx-kl"));
        assertEquals(0, measured.get("policy/clip-fraction"));
        assertTrue(measured.get("policy/gradient-norm") > 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldStartFromRatiosOfExactlyOneWithRoundedLatents(StepKind kind) {
    RolloutConfig rounded = rollout(kind, false, LatentType.BFLOAT16);
    try (PolicyUpdate learner = learner(kind, config(PLAIN, Spread.GROUP, 1))) {
      for (int step = 0; step < 2; step++) {
        List<ScoredGroup> groups = groups(step, learner.weights(), rounded, true);
        assertTrue(Bfloat16.areAll(groups.get(0).trajectory().latents()));
        Map<String, Double> measured = learner.update(step, groups);
        assertEquals(0, measured.get("policy/ratio-distance-max"));
        assertTrue(measured.get("policy/gradient-norm") > 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4.5, false, false",
    "2, 4.5, false, false",
    "4, 4.5, false, false",
    "2, 1, false, false",
    "2, 4.5, true, false",
    "1, 4.5, false, true",
    "2, 4.5, true, true",
    "2, 1, true, true",
    "1, 1, false, false",
    "1, 1, true, true"
  })
  void shouldStartFromRatiosOfExactlyOneInChunksOfAnySize(
      int chunk, double guidance, boolean shared, boolean merge) {
    LossConfig loss =
        new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0.5, false, Staleness.NONE, 0);
    RolloutConfig rollout =
        TinyLearning.rollout(StepKind.CPS, chunk, guidance, shared, merge, LatentType.FLOAT32);
    try (PolicyUpdate learner = learner(rollout, config(loss, Spread.GROUP, 1))) {
      for (int step = 0; step < 2; step++) {
        Map<String, Double> measured = updateOnce(learner, step, rollout);
        assertEquals(0, measured.get("policy/ratio-distance-max"));
        assertEquals(step == 0, measured.get("policy/kl") == 0);
        assertTrue(measured.get("policy/gradient-norm") > 0);
      }
    }
  }

  @Test
  void shouldLeaveRatiosOfOneWhereLearnerAndSamplerTakeOtherChunks() {
    // Without guidance: with so small a network only calls of one row have other bits.
    RolloutConfig one = TinyLearning.rollout(StepKind.CPS, 1, 1, false, false, LatentType.FLOAT32);
    RolloutConfig whole =
        TinyLearning.rollout(StepKind.CPS, 0, 1, false, false, LatentType.FLOAT32);
    try (PolicyUpdate learner = learner(one, config(PLAIN, Spread.GROUP, 1))) {
      double distance = updateOnce(learner, 0, whole).get("policy/ratio-distance-max");
      assertTrue(distance > 0 && distance < 1e-6, () -> "distance " + distance);
      assertEquals(0, updateOnce(learner, 1, one).get("policy/ratio-distance-max"));
    }
  }

  @Test
  void shouldStartFromRatiosOfExactlyOneWithGuard() {
    LossConfig guard = new LossConfig(Clip.of(2e-6), KlPenalty.PLAIN, 0, true, Staleness.NONE, 0);
    try (PolicyUpdate learner = learner(StepKind.SDE, config(guard, Spread.GROUP, 1))) {
      assertEquals(0, updateOnce(learner, 0, StepKind.SDE).get("policy/ratio-distance-max"));
    }
  }

  @ParameterizedTest
  @CsvSource({"SDE, 0", "CPS, 0", "CPS, 0.04"})
  void shouldStartFromRatiosOfExactlyOneWithAMergedAdapter(StepKind kind, double klWeight) {
    RolloutConfig merged = rollout(kind, true);
    LossConfig loss =
        new LossConfig(Clip.of(1e-3), KlPenalty.PLAIN, klWeight, false, Staleness.NONE, 0);
    try (PolicyUpdate learner = learner(merged, config(loss, Spread.GROUP, 1));
        PolicyUpdate attached = learner(kind, config(loss, Spread.GROUP, 1))) {
      for (int step = 0; step < 3; step++) {
        attached.restore(learner.state());
        List<ScoredGroup> groups = groups(step, learner.weights(), merged, true);
        Map<String, Double> measured = learner.update(step, groups);
        assertEquals(0, measured.get("policy/ratio-distance-max"));

        Map<String, Double> beside = attached.update(step, groups);
        double distance = beside.get("policy/ratio-distance-max");
        assertTrue(step == 0 || distance > 0 && distance < 1e-6, () -> "distance " + distance);
        double norm = beside.get("policy/gradient-norm");
        assertEquals(norm, measured.get("policy/gradient-norm"), 1e-4 * norm);
      }
    }
  }

  @Test
  void shouldMoveTowardsRewardedSamples() {
    // A wide range: a narrow one counts unwanted moves in full and cuts the wanted ones off.
    LossConfig wide = new LossConfig(Clip.of(0.5), KlPenalty.PLAIN, 0, false, Staleness.NONE, 0);
    try (PolicyUpdate learner = learner(StepKind.SDE, config(wide, Spread.GROUP, 1))) {
      List<ScoredGroup> groups = groups(0, learner.weights(), rollout(StepKind.SDE, false), false);
      // Advantages of a group sum to zero and all ratios are one.
      assertEquals(0, learner.update(0, groups).get("policy/surrogate"), 1e-9);
      assertTrue(learner.update(1, groups).get("policy/surrogate") < -1e-6);
    }
  }

  /** All gradients of the first update of a step, at weights with no factor near zero. */
  private SortedMap<String, float[]> gradients(
      PolicyUpdate learner, List<ScoredGroup> groups, Map<String, Double> measured) {
    PolicyStep step = learner.begin(0, groups);
    SortedMap<String, float[]> gradients = new TreeMap<>();
    for (Optional<List<MicroBatch>> next = step.next(); next.isPresent(); next = step.next()) {
      GradientSum sum = new GradientSum();
      for (MicroBatch batch : next.get()) {
        Gradient gradient = learner.gradient(batch, groups.get(batch.group()).trajectory());
        sum.add(gradient);
        step.add(gradient);
      }
      sum.gradients().forEach((n, values) -> gradients.putIfAbsent(n, values.clone()));
      step.apply();
    }
    measured.putAll(step.measurements());
    return gradients;
  }

  @ParameterizedTest
  @CsvSource({"CPS, NONE, 0, 1", "SDE, NONE, 0, 1", "CPS, VELOCITY, 0.5, 1", "CPS, NONE, 0, 2"})
  void shouldGiveTheSameGradientInChunksOfAnySize(
      StepKind kind, String penalty, double klWeight, int updates) {
    KlPenalty kl = penalty.equals("NONE") ? KlPenalty.PLAIN : KlPenalty.valueOf(penalty);
    LossConfig loss = new LossConfig(Clip.of(0.5), kl, klWeight, false, Staleness.NONE, 0);
    List<SortedMap<String, float[]>> results = new ArrayList<>();
    List<Double> norms = new ArrayList<>();
    for (int chunk : new int[] {0, SAMPLES, 2, 1}) {
      try (PolicyUpdate learner =
          learner(rollout(kind, chunk), config(loss, Spread.BATCH, updates))) {
        NamedTensors policy = TinyModel.noisy(learner.weights(), 9, 0.2);
        Map<String, NamedTensors.Tensor> state = new TreeMap<>(learner.state().asMap());
        policy.asMap().forEach((name, tensor) -> state.put("weight." + name, tensor));
        learner.restore(new NamedTensors(state));
        Map<String, Double> measured = new TreeMap<>();
        results.add(gradients(learner, groups(0, policy, rollout(kind, false), true), measured));
        norms.add(measured.get("policy/gradient-norm"));
      }
    }
    int silent = 0;
    for (Map.Entry<String, float[]> one : results.get(0).entrySet()) {
      String name = one.getKey();
      double largest = largest(one.getValue());
      silent += largest == 0 ? 1 : 0;
      assertArrayEquals(one.getValue(), results.get(1).get(name), name + " in whole groups");
      for (SortedMap<String, float[]> other : results) {
        float[] values = other.get(name);
        for (int i = 0; i < values.length; i++) {
          // Rounding of a sum in another order, of which a part of a product may be all there is.
          assertEquals(one.getValue()[i], values[i], 2e-4 * largest + 1e-7, name + " " + i);
        }
      }
    }
    assertEquals(2, silent, "the last block drops its text: both factors of its add_q_proj");
    for (double norm : norms) {
      assertTrue(norms.get(0) > 0);
      assertEquals(norms.get(0), norm, 1e-4 * norms.get(0));
    }
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void shouldGoOnWithTheSameBitsFromASavedState() {
    PolicyConfig config = config(PLAIN, Spread.PREVIOUS_BATCH, 2);
    RolloutConfig halves = rollout(StepKind.CPS, 2);
    String straight;
    NamedTensors saved;
    try (PolicyUpdate learner = learner(halves, config)) {
      updateOnce(learner, 0, halves);
      updateOnce(learner, 1, halves);
      saved = learner.state();
      updateOnce(learner, 2, halves);
      updateOnce(learner, 3, halves);
      straight = learner.state().contentHash();
    }
    try (PolicyUpdate learner = learner(halves, config)) {
      learner.restore(saved);
      assertEquals(saved.contentHash(), learner.state().contentHash());
      updateOnce(learner, 2, halves);
      updateOnce(learner, 3, halves);

      assertEquals(straight, learner.state().contentHash());
      assertNotEquals(
          learner.weights().contentHash(), Optimizer.averaged(learner.state()).contentHash());
    }
  }

  @Test
  void shouldPutTheStateBackAfterAFailedOne() {
    try (PolicyUpdate learner = learner(StepKind.CPS, PolicyConfig.DEFAULT)) {
      NamedTensors other =
          TinyModel.noisy(learner.state(), 3, 1); // "updates" of the optimizer is nonsense, too
      String before = learner.weights().contentHash();
      NamedTensors wrong =
          new NamedTensors(Map.of("weight.x", other.asMap().values().iterator().next()));
      assertThrows(IllegalArgumentException.class, () -> learner.restore(wrong));
      assertEquals(before, learner.weights().contentHash());
    }
  }

  @Test
  void shouldLeaveThePolicyAloneWhileTheCriticLearnsFirst() {
    PolicyConfig waiting =
        new PolicyConfig(
            AdvantageConfig.DEFAULT,
            PLAIN,
            Optional.empty(),
            AdamConfig.adamW(1e-2),
            1,
            0.9,
            1,
            1,
            4,
            2,
            FlatGroups.KEEP,
            GradientCheckpointing.AUTO);
    try (PolicyUpdate learner = learner(StepKind.CPS, waiting)) {
      String start = learner.weights().contentHash();
      updateOnce(learner, 0, StepKind.CPS);
      updateOnce(learner, 1, StepKind.CPS);
      assertEquals(start, learner.weights().contentHash());
      Map<String, Double> third = updateOnce(learner, 2, StepKind.CPS);
      assertNotEquals(start, learner.weights().contentHash());
      assertEquals(0.25e-2, third.get("policy/learning-rate"), 1e-12);
      assertEquals(0.5e-2, updateOnce(learner, 3, StepKind.CPS).get("policy/learning-rate"), 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldAgreeWithTheUncorrectedLossOnFreshGroups(int chunk) {
    RolloutConfig rollout = rollout(StepKind.CPS, chunk);
    LossConfig decoupled =
        new LossConfig(Clip.of(1e-5), KlPenalty.PLAIN, 0, false, Staleness.DECOUPLED, 0);
    List<String> hashes = new ArrayList<>();
    for (LossConfig loss : List.of(PLAIN, decoupled)) {
      try (PolicyUpdate learner = learner(rollout, config(loss, Spread.GROUP, 2))) {
        updateOnce(learner, 0, rollout);
        hashes.add(learner.weights().contentHash());
      }
    }
    assertEquals(hashes.get(0), hashes.get(1));
  }

  @Test
  void shouldStillTrainStaleGroupsThatPlainClippingSilences() {
    LossConfig tight = new LossConfig(Clip.of(1e-9), KlPenalty.PLAIN, 0, false, Staleness.NONE, 0);
    LossConfig decoupled =
        new LossConfig(Clip.of(1e-9), KlPenalty.PLAIN, 0, false, Staleness.DECOUPLED, 0);
    LossConfig truncated =
        new LossConfig(Clip.of(1e-9), KlPenalty.PLAIN, 0, false, Staleness.TRUNCATED, 10);
    List<Map<String, Double>> measured = new ArrayList<>();
    for (LossConfig loss : List.of(tight, decoupled, truncated)) {
      try (PolicyUpdate learner = learner(StepKind.CPS, config(loss, Spread.GROUP, 1))) {
        List<ScoredGroup> groups =
            groups(0, learner.weights(), rollout(StepKind.CPS, false), false);
        learner.update(0, groups);
        measured.add(learner.update(1, groups));
      }
    }
    assertTrue(measured.get(0).get("policy/clip-fraction") > 0.9);
    assertEquals(0, measured.get(1).get("policy/clip-fraction"));
    double norm = measured.get(1).get("policy/gradient-norm");
    assertEquals(norm, measured.get(2).get("policy/gradient-norm"), 0.01 * norm);
    assertNotEquals(norm, measured.get(0).get("policy/gradient-norm"), 0.01 * norm);
  }

  @Test
  void shouldPayForLeavingTheReference() {
    LossConfig kl =
        new LossConfig(Clip.of(1e-4), KlPenalty.VELOCITY, 0.5, false, Staleness.NONE, 0);
    try (PolicyUpdate learner = learner(StepKind.CPS, config(kl, Spread.GROUP, 1))) {
      assertEquals(0, updateOnce(learner, 0, StepKind.CPS).get("policy/kl"), 1e-12);
      Map<String, Double> second = updateOnce(learner, 1, StepKind.CPS);
      assertTrue(second.get("policy/kl") > 1e-9);
      assertEquals(
          second.get("policy/surrogate") + 0.5 * second.get("policy/kl"),
          second.get("policy/loss"),
          1e-12);
    }
  }

  private static PolicyConfig credited(CreditMode mode, double alpha) {
    PolicyConfig plain = config(PLAIN, Spread.GROUP, 1);
    return new PolicyConfig(
        new AdvantageConfig(
            Weighting.GRPO, Spread.GROUP, 1.2, new CreditConfig(mode, alpha, GainScale.JOINT)),
        plain.loss(),
        plain.awm(),
        plain.optimizer(),
        plain.gradientNorm(),
        plain.averageLimit(),
        plain.averageInterval(),
        plain.updatesPerStep(),
        plain.warmupUpdates(),
        plain.criticOnlySteps(),
        plain.flatGroups(),
        plain.checkpointing());
  }

  /** The same with a potential for each of the two trained steps. */
  private static List<ScoredGroup> withPotentials(List<ScoredGroup> groups) {
    return groups.stream()
        .map(
            g -> {
              float[][] potential = {
                new float[SAMPLES],
                NOISE.stream(Purpose.CRITIC_SCORE, g.id(), 1, 0).normals(SAMPLES)
              };
              return new ScoredGroup(
                  g.id(), g.prompt(), g.trajectory(), g.reward(), potential, 0, 0);
            })
        .toList();
  }

  @Test
  void shouldTrainEachStepByItsOwnAdvantages() {
    try (PolicyUpdate learner = learner(StepKind.CPS, credited(CreditMode.TO_GO, 1))) {
      List<ScoredGroup> groups =
          withPotentials(groups(0, learner.weights(), rollout(StepKind.CPS, false), false));
      List<MicroBatch> batches = learner.begin(0, groups).next().orElseThrow();
      assertEquals(4, batches.size());
      for (MicroBatch batch : batches) {
        ScoredGroup group = groups.get(batch.group());
        double[] rest = new double[SAMPLES];
        double[] rewards = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
          rewards[i] = group.reward()[i];
          rest[i] = rewards[i] - group.potential()[batch.row()][i];
        }
        double mean = Arrays.stream(rest).average().orElseThrow();
        for (int i = 0; i < SAMPLES; i++) {
          double advantage = (rest[i] - mean) / (Advantages.std(rewards) + 1e-4);
          double limited = Math.max(-1.2, Math.min(1.2, advantage));
          assertEquals(limited, batch.advantages()[i], 1e-9);
        }
      }
    }
  }

  @Test
  void shouldGiveTheBitsOfNoCreditWithoutRedistribution() {
    List<String> hashes = new ArrayList<>();
    for (PolicyConfig config :
        List.of(
            credited(CreditMode.NONE, 1),
            credited(CreditMode.REDISTRIBUTE, 0),
            credited(CreditMode.REDISTRIBUTE, 1),
            credited(CreditMode.GAIN, 1),
            credited(CreditMode.TO_GO, 1))) {
      try (PolicyUpdate learner = learner(StepKind.CPS, config)) {
        List<ScoredGroup> groups =
            groups(0, learner.weights(), rollout(StepKind.CPS, false), false);
        boolean credits = config.advantage().credit().needsPotentials();
        Map<String, Double> measured = learner.update(0, credits ? withPotentials(groups) : groups);
        assertEquals(credits, measured.containsKey("credit/gain-2"), measured.toString());
        hashes.add(learner.weights().contentHash());
      }
    }
    assertEquals(hashes.get(0), hashes.get(1));
    assertEquals(4, hashes.stream().distinct().count(), hashes.toString());
  }

  @Test
  void shouldNameTheGroupWhosePotentialsAreMissingOrNoNumbers() {
    try (PolicyUpdate learner = learner(StepKind.CPS, credited(CreditMode.GAIN, 1))) {
      List<ScoredGroup> plain = groups(0, learner.weights(), rollout(StepKind.CPS, false), false);
      var none = assertThrows(IllegalArgumentException.class, () -> learner.update(0, plain));
      assertTrue(
          none.getMessage().contains("group 0.0 has potentials of 0 states, must have them of 2"),
          none.getMessage());
      List<ScoredGroup> groups = withPotentials(plain);
      groups.get(1).potential()[1][3] = Float.NaN;
      var nan = assertThrows(ArithmeticException.class, () -> learner.update(0, groups));
      assertTrue(nan.getMessage().contains("potential 3 of group 0.1"), nan.getMessage());
    }
  }

  @Test
  void shouldLearnNothingFromGroupsWithoutVariance() {
    try (PolicyUpdate learner = learner(StepKind.CPS, config(PLAIN, Spread.GROUP, 1))) {
      List<ScoredGroup> flat = new ArrayList<>();
      for (ScoredGroup g : groups(0, learner.weights(), rollout(StepKind.CPS, false), false)) {
        float[] reward = new float[SAMPLES];
        Arrays.fill(reward, 0.5f);
        flat.add(new ScoredGroup(g.id(), g.prompt(), g.trajectory(), reward, new float[0][], 0, 0));
      }
      Map<String, Double> measured = learner.update(0, flat);
      assertEquals(1, measured.get("policy/zero-variance"));
      assertEquals(0, measured.get("policy/gradient-norm"));
      assertFalse(measured.containsKey("policy/ratio"));
    }
  }

  @Test
  void shouldNameTheGroupWhoseRewardIsNotANumber() {
    try (PolicyUpdate learner = learner(StepKind.CPS, PolicyConfig.DEFAULT)) {
      List<ScoredGroup> groups = groups(0, learner.weights(), rollout(StepKind.CPS, false), false);
      groups.get(1).reward()[2] = Float.NaN;
      var error = assertThrows(ArithmeticException.class, () -> learner.update(0, groups));
      assertTrue(error.getMessage().contains("reward 2 of group 0.1"), error.getMessage());
    }
  }

  @Test
  void shouldNameTheWeightThatIsNotANumber() {
    try (PolicyUpdate learner = learner(StepKind.CPS, PolicyConfig.DEFAULT)) {
      NamedTensors state = learner.state();
      String name =
          state.names().stream().filter(n -> n.contains("to_q")).findFirst().orElseThrow();
      float[] values =
          state.asMap().entrySet().stream()
              .filter(e -> e.getKey().startsWith("weight.") && e.getKey().contains("to_q"))
              .findFirst()
              .orElseThrow()
              .getValue()
              .values();
      values[1] = Float.NaN;
      var error = assertThrows(IllegalArgumentException.class, () -> learner.restore(state));
      assertTrue(error.getMessage().contains("to_q"), name + error.getMessage());
    }
  }

  @Test
  void shouldRefuseStepsThatDoNotDivide() {
    try (PolicyUpdate learner = learner(StepKind.CPS, config(PLAIN, Spread.GROUP, 3))) {
      var error =
          assertThrows(IllegalArgumentException.class, () -> updateOnce(learner, 0, StepKind.CPS));
      assertTrue(
          error.getMessage().contains("groups-per-step 2 does not divide into 3"),
          error.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> PolicyConfig.DEFAULT.requireFits(0, 4));
    assertThrows(IllegalArgumentException.class, () -> config(PLAIN, Spread.GROUP, 0));
  }
}
