package io.atelier.rollout.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardBins;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RewardTargetTest {

  private static final RewardConditionConfig CONFIG =
      new RewardConditionConfig(
          List.of("style"), List.of(RewardBins.fit(new float[] {0, 1}, 2)), 1);

  private NDManager scope;

  @BeforeEach
  void enter() {
    Torch.enter(false);
    scope = Torch.newScope();
  }

  @AfterEach
  void leave() {
    scope.close();
  }

  /** Adds silu(sin(pi s)): 0.731059 at s = 1/2, and 0 at s = 0. */
  private RewardCondition network() {
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    CONFIG
        .shapes()
        .forEach(
            (name, shape) ->
                tensors.put(
                    name, new NamedTensors.Tensor(shape, new float[NamedTensors.elements(shape)])));
    tensors.get("style.linear_1.weight").values()[0] = 1;
    tensors.get("style.linear_2.weight").values()[0] = 1;
    return new RewardCondition(
        scope, CONFIG, WeightSource.of("by hand", new NamedTensors(tensors)));
  }

  private Conditions text(int prompts, float... pooled) {
    return new Conditions(
        prompts,
        Host.toNative(scope, new float[2 * pooled.length], pooled.length, 1, 2),
        1,
        Host.toNative(scope, pooled, pooled.length, 1));
  }

  @Test
  void shouldTellTheFirstRowsTheNegativeAndTheOthersThePositive() {
    RewardTarget target = RewardTarget.of(Map.of("style", .5));
    Conditions told = target.tell(scope, text(2, 1, 2, 3, 4), network());
    assertTrue(told.guided());
    assertArrayEquals(new float[] {1, 2, 3.731059f, 4.731059f}, Host.floats(told.pooled()), 1e-5f);
  }

  @Test
  void shouldTellThePositiveAloneWithoutGuidance() {
    RewardTarget target = RewardTarget.of(Map.of("style", .5));
    Conditions told = target.tell(scope, text(2, 1, 2), network());
    assertArrayEquals(new float[] {1.731059f, 2.731059f}, Host.floats(told.pooled()), 1e-5f);
  }

  @Test
  void shouldTellTheNegativeThatIsAskedFor() {
    RewardTarget target = new RewardTarget(Map.of(), Map.of("style", .5), true);
    Conditions told = target.tell(scope, text(1, 1, 2), network());
    assertArrayEquals(new float[] {1.731059f, 2}, Host.floats(told.pooled()), 1e-5f);
  }

  /** 1 + 7 (1 - 0.6) = 3.8, which is 0.6 + 8 (1 - 0.6). */
  @Test
  void shouldGuideAsMiroDoesWithOneMore() {
    float guided =
        Host.floats(
            TorchOps.call(
                "guided",
                Host.toNative(scope, new float[] {.6f, 1}, 2, 1),
                Host.toNative(scope, 1 + 7.0)))[0];
    assertEquals(3.8f, guided, 1e-6);
  }

  @Test
  void shouldRefuseWhatTheModelDoesNotKnow() {
    RewardTarget target = RewardTarget.of(Map.of("sharpness", 1.0));
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> target.requireFits(CONFIG));
    assertTrue(refused.getMessage().contains("\"sharpness\"; it knows style"), refused::getMessage);
  }
}
