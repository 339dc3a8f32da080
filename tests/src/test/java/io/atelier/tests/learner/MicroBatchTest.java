package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.grpo.MicroBatchGradients;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyGradient;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.PromptConditions;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import io.atelier.tests.rollout.TinyModel;
import io.atelier.tests.toy.GradientSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Micro-batches give the bits of the plain update, whoever computes them and when. */
class MicroBatchTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final GroupNoise NOISE = new GroupNoise(78);

  private NDManager scope;
  private Trained trained = ADAPTER;
  private RolloutConfig rollout = TinyLearning.rollout(0);

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static PolicyConfig config(Staleness staleness, double kl, int updates) {
    return TinyLearning.config(
        new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, kl, false, staleness, 0),
        Spread.BATCH,
        updates);
  }

  private PolicyUpdate learner(PolicyConfig config) {
    return new PolicyUpdate(
        scope, TinyModel.load(scope, trained).denoiser(), trained, rollout, config, NOISE);
  }

  private MicroBatchGradients worker(PolicyConfig config) {
    return new MicroBatchGradients(
        scope, TinyModel.load(scope, trained).denoiser(), trained, rollout, config, NOISE);
  }

  private List<ScoredGroup> groups(int step, NamedTensors policy) {
    return TinyLearning.groups(scope, trained, rollout, NOISE, step, policy, false);
  }

  /** A step whose micro-batches are computed by others, in any order. */
  static Map<String, Double> updateElsewhere(
      PolicyUpdate learner,
      int step,
      List<ScoredGroup> groups,
      List<MicroBatchGradients> workers,
      Random random) {
    PolicyStep update = learner.begin(step, groups);
    for (Optional<List<MicroBatch>> next = update.next(); next.isPresent(); next = update.next()) {
      NamedTensors weights = learner.weights();
      workers.forEach(w -> assertEquals(weights.contentHash(), w.load(weights)));
      List<MicroBatch> batches = next.get();
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < batches.size(); i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      Map<Integer, Gradient> arrived = new TreeMap<>();
      for (int i : order) {
        MicroBatch batch = batches.get(i);
        MicroBatchGradients worker = workers.get(random.nextInt(workers.size()));
        arrived.put(i, worker.of(batch, groups.get(batch.group()).trajectory()));
      }
      arrived.values().forEach(update::add);
      update.apply();
    }
    return update.measurements();
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,0,1,0,false",
    "NONE,0,2,2,false",
    "DECOUPLED,0.5,2,2,false",
    "NONE,0.5,1,1,false",
    "NONE,0,1,0,true",
    "DECOUPLED,0.5,2,2,true"
  })
  void shouldGiveTheBitsOfThePlainUpdateWhoeverComputes(
      Staleness staleness, double kl, int updates, int chunk, boolean full) {
    trained = full ? new WholeNetwork() : ADAPTER;
    rollout = TinyLearning.rollout(chunk);
    PolicyConfig config = config(staleness, kl, updates);
    long seed = 20261124;
    try (PolicyUpdate plain = learner(config);
        PolicyUpdate helped = learner(config);
        MicroBatchGradients one = worker(config);
        MicroBatchGradients other = worker(config)) {
      String start = plain.weights().contentHash();
      for (int step = 0; step < 2; step++) {
        List<ScoredGroup> groups = groups(step, plain.weights());
        Map<String, Double> expected = plain.update(step, groups);
        Map<String, Double> measured =
            updateElsewhere(helped, step, groups, List.of(one, other), new Random(seed + step));

        assertEquals(expected, measured);
        assertTrue(measured.get("policy/gradient-norm") > 0);
        assertEquals(plain.state().contentHash(), helped.state().contentHash());
      }
      assertNotEquals(start, helped.weights().contentHash());
    }
  }

  @Test
  void shouldAddUpToWhatTheNetworkCollectsByItself() {
    PolicyConfig config = config(Staleness.NONE, 0, 1);
    rollout = TinyLearning.rollout(2);
    DiffusionModel model = TinyModel.load(scope);
    try (PolicyUpdate learner = learner(config);
        MicroBatchGradients worker = worker(config)) {
      List<ScoredGroup> groups = groups(0, learner.weights());
      worker.load(learner.weights());
      GradientSum sum = new GradientSum();
      List<MicroBatch> batches = learner.begin(0, groups).next().orElseThrow();
      batches.forEach(b -> sum.add(worker.of(b, groups.get(b.group()).trajectory())));
      assertEquals(2 * 2 * 2, batches.size(), "two groups, two halves, two trained steps");

      TrainedPart adapter = new TrainedPart(scope, model.network(), ADAPTER);
      adapter.weights().load(learner.weights());
      adapter.weights().train();
      adapter.attach();
      PolicyGradient gradient =
          new PolicyGradient(
              scope,
              adapter,
              new VelocityField(model.network(), rollout.guidance()),
              new VelocityField(model.network(), rollout.guidance()),
              model.schedule(rollout.steps()),
              rollout.kind(),
              rollout.noiseLevel(),
              config.loss());
      PromptConditions prompts = new PromptConditions(scope, model.text(), true, 8);
      List<LossTerms> terms = new ArrayList<>();
      for (int i = 0; i < batches.size(); i += 2) { // both trained steps of a half
        MicroBatch batch = batches.get(i);
        Conditions conditions = prompts.of(batch.prompt().text());
        gradient
            .accumulate(
                conditions,
                Halves.of(groups.get(batch.group()).trajectory(), batch.from(), batch.to()),
                batch.advantages(),
                new float[0],
                batch.weight())
            .forEach(terms::addAll);
      }
      assertEquals(terms, sum.terms());
      adapter
          .weights()
          .gradients()
          .asMap()
          .forEach((n, t) -> assertArrayEquals(t.values(), sum.gradients().get(n), n));
    }
  }

  @Test
  void shouldRefuseGradientsOfOtherWeights() {
    PolicyConfig config = config(Staleness.NONE, 0, 1);
    try (PolicyUpdate learner = learner(config)) {
      PolicyStep step = learner.begin(0, groups(0, learner.weights()));
      step.next();
      assertThrows(
          IllegalArgumentException.class, () -> step.add(new Gradient(tensors("a", 2), List.of())));
    }
  }

  private static NamedTensors tensors(String name, int size) {
    float[] values = new float[size];
    Arrays.fill(values, 1);
    return new NamedTensors(Map.of(name, new NamedTensors.Tensor(new long[] {size}, values)));
  }
}
