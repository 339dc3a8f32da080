package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.rollout.TinyModel;
import io.atelier.tests.toy.GradientSum;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All weights of a transformer are trained. */
class FullTrainingTest {
  private static final Trained WHOLE = new WholeNetwork();
  private static final GroupNoise NOISE = new GroupNoise(79);
  private static final double RATE = 1e-3;
  private static final RolloutConfig ROLLOUT = TinyLearning.rollout(2);

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
    Torch.enter(false);
  }

  private PolicyUpdate learner(GradientCheckpointing checkpointing) {
    return learner(checkpointing, AdamConfig.adamW(RATE), 1);
  }

  private PolicyUpdate learner(
      GradientCheckpointing checkpointing, AdamConfig adam, double normLimit) {
    LossConfig loss =
        new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0.5, false, Staleness.NONE, 0);
    PolicyConfig config =
        TinyLearning.config(loss, Spread.BATCH, adam, normLimit, 1, checkpointing);
    return new PolicyUpdate(
        scope, TinyModel.load(scope, WHOLE).denoiser(), WHOLE, ROLLOUT, config, NOISE);
  }

  private List<ScoredGroup> groups(int step, NamedTensors policy) {
    return TinyLearning.groups(scope, WHOLE, ROLLOUT, NOISE, step, policy, false);
  }

  private static double velocityDot(Mmdit network, NDManager owner, NDArray upstream) {
    float[] values = Host.floats(velocity(network, owner));
    float[] with = Host.floats(upstream);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (double) values[i] * with[i];
    }
    return sum;
  }

  private static NDArray velocity(Mmdit network, NDManager owner) {
    MmditConfig config = network.config();
    return network.forward(
        normals(owner, 0, 2, config.channels(), 8, 4),
        owner.full(new Shape(1), 700, DataType.FLOAT32),
        normals(owner, 1, 1, 5, config.jointDim()),
        normals(owner, 2, 1, config.pooledDim()));
  }

  private static NDArray normals(NDManager owner, int place, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    GroupId id = new GroupId(0, place);
    return Host.toNative(owner, NOISE.normals(Purpose.EVALUATION, id, 0, 1, size), shape);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldTakeTheGradientsThatDifferencesShow(String model) {
    Mmdit network = new PipelineFolder(Golden.path(model)).loadTransformer(scope, WHOLE);
    TrainedParameters weights = new TrainedPart(scope, network, WHOLE).weights();
    NamedTensors start = weights.export();
    assertEquals(network.config().parameters(), start.elements());
    weights.train();
    Torch.enter(true);
    NDArray output = velocity(network, scope);
    NDArray upstream = normals(scope, 3, output.getShape().getShape());
    Autograd.backward(output, upstream);
    NamedTensors gradients = weights.gradients();
    Torch.enter(false);
    int moving = 0;
    for (String name : start.names()) {
      float[] gradient = gradients.get(name).values();
      double length = 0;
      for (float g : gradient) {
        length += (double) g * g;
      }
      length = Math.sqrt(length);
      if (length < 1e-3) {
        continue; // float32 does not show such differences
      }
      moving++;
      double step = 0.01;
      double[] product = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = start.get(name).values().clone();
        for (int i = 0; i < moved.length; i++) {
          moved[i] += (float) ((side == 0 ? -step : step) * gradient[i] / length);
        }
        Map<String, Tensor> one = Map.of(name, new Tensor(start.get(name).shape(), moved));
        weights.load(start.with(new NamedTensors(one)));
        try (NDManager work = scope.newSubManager()) {
          product[side] = velocityDot(network, work, upstream);
        }
      }
      assertEquals(length, (product[1] - product[0]) / (2 * step), 1e-2 * length + 1e-3, name);
    }
    // Biases of keys change nothing without their norm; the last block asks nothing on the text's
    // behalf.
    assertTrue(moving > 0.8 * start.names().size(), moving + " of " + start.names().size());
  }

  /** AdamW, clipping and average of one update, from the formulas, on the sum of the gradients. */
  @ParameterizedTest
  @EnumSource(
      value = GradientCheckpointing.class,
      names = {"ON", "OFF"})
  void shouldStepAsAdamWByHand(GradientCheckpointing checkpointing) {
    // so much decay and so large an epsilon that the bounds below show decay and clipping
    double decay = 0.1;
    double epsilon = 1e-5;
    double limit = 0.01;
    AdamConfig adam = new AdamConfig(RATE, 0.9, 0.999, epsilon, decay);
    try (PolicyUpdate learner = learner(checkpointing, adam, limit)) {
      NamedTensors before = learner.weights();
      List<ScoredGroup> groups = groups(0, before);
      PolicyStep update = learner.begin(0, groups);
      GradientSum sum = new GradientSum();
      for (MicroBatch batch : update.next().orElseThrow()) {
        Gradient gradient = learner.gradient(batch, groups.get(batch.group()).trajectory());
        sum.add(gradient);
        update.add(gradient);
      }
      double squares = 0;
      Map<String, float[]> gradients = new TreeMap<>();
      for (Map.Entry<String, float[]> entry : sum.gradients().entrySet()) {
        gradients.put(entry.getKey(), entry.getValue().clone());
        for (float g : entry.getValue()) {
          squares += (double) g * g;
        }
      }
      double clip = limit / (Math.sqrt(squares) + 1e-6);
      assertTrue(clip < 0.5, "the norm is " + Math.sqrt(squares));
      update.apply();
      NamedTensors after = learner.weights();
      NamedTensors average = Optimizer.averaged(learner.state());
      double kept = Math.min(0.9, 2.0 / 11);
      assertEquals(before.names(), gradients.keySet());
      int moved = 0;
      for (String name : before.names()) {
        for (int i = 0; i < gradients.get(name).length; i++) {
          double w = before.get(name).values()[i];
          double g = clip * gradients.get(name)[i];
          // at the first update the corrections of both moments cancel
          double expected = w - RATE * decay * w - RATE * g / (Math.abs(g) + epsilon);
          double actual = after.get(name).values()[i];
          assertEquals(expected, actual, 1e-6 * Math.abs(w) + 1e-5 * RATE, name);
          assertEquals(kept * w + (1 - kept) * actual, average.get(name).values()[i], 1e-6, name);
          moved += actual != w ? 1 : 0;
        }
      }
      assertTrue(moved > 0.8 * before.elements(), moved + " of " + before.elements());
      assertEquals(0, update.measurements().get("policy/ratio-distance-max"));
      assertEquals(0, update.measurements().get("policy/kl"), "the reference is the first policy");
    }
  }

  @Test
  void shouldStayNearTheFirstWeightsAndGoOnWithTheSameBits() {
    try (PolicyUpdate straight = learner(GradientCheckpointing.OFF);
        PolicyUpdate resumed = learner(GradientCheckpointing.ON)) {
      straight.update(0, groups(0, straight.weights()));
      NamedTensors saved = straight.state();
      List<ScoredGroup> next = groups(1, straight.weights());
      Map<String, Double> measured = straight.update(1, next);
      assertTrue(measured.get("policy/kl") > 0, measured::toString);

      assertNotEquals(straight.weights().contentHash(), resumed.weights().contentHash());
      resumed.restore(saved);
      assertEquals(measured, resumed.update(1, next));
      assertEquals(straight.state().contentHash(), resumed.state().contentHash());
    }
  }

  @Test
  void shouldNameTheWeightThatDoesNotFit() {
    Mmdit network = new PipelineFolder(Golden.path("sd3-tiny")).loadTransformer(scope, WHOLE);
    TrainedParameters weights = new TrainedPart(scope, network, WHOLE).weights();
    NamedTensors own = weights.export();
    String name = "transformer_blocks.0.attn.to_k.bias";
    for (Tensor wrong :
        List.of(
            new Tensor(new long[] {1}, new float[1]),
            new Tensor(
                own.get(name).shape(),
                filled(own.get(name).values().length, Float.POSITIVE_INFINITY)))) {
      NamedTensors changed = own.with(new NamedTensors(Map.of(name, wrong)));
      var error = assertThrows(IllegalArgumentException.class, () -> weights.load(changed));
      assertTrue(error.getMessage().contains(name), error.getMessage());
      assertEquals(own.contentHash(), weights.export().contentHash());
    }
    NamedTensors more = own.with(new NamedTensors(Map.of("x.lora_A.weight", own.get(name))));
    var error = assertThrows(IllegalArgumentException.class, () -> weights.load(more));
    assertTrue(error.getMessage().contains("\"x.lora_A.weight\""), error.getMessage());
  }

  private static float[] filled(int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    return values;
  }
}
