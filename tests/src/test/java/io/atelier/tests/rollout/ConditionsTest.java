package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.Latents;
import io.atelier.rollout.sampler.VelocityField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Text features that belong to another number of prompts are refused, not sampled with. */
class ConditionsTest {

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private NDArray zeros(long... shape) {
    return scope.zeros(new Shape(shape));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "1, 2, true", "4, 4, false", "4, 8, true"})
  void shouldTakeARowOrTwoOfEveryPrompt(int prompts, int rows, boolean guided) {
    assertEquals(guided, Conditions.of(prompts, zeros(rows, 3, 8), zeros(rows, 5)).guided());
  }

  @ParameterizedTest
  @CsvSource({"4, 2, 2", "2, 3, 3", "1, 3, 3", "2, 8, 8", "0, 0, 0", "0, 2, 2", "-1, 1, 1"})
  void shouldRefuseRowsThatFitNoBranch(int prompts, int rows, int pooled) {
    NDArray context = rows == 0 ? zeros(1, 3, 8) : zeros(rows, 3, 8);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Conditions.of(prompts, context, zeros(Math.max(1, pooled), 5)));
    assertTrue(error.getMessage().contains(prompts + " prompts"), error.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"2, 4, 2", "2, 2, 4", "1, 1, 3"})
  void shouldRefusePooledVectorsOfAnotherNumber(int prompts, int rows, int pooled) {
    NDArray context = zeros(rows, 3, 8);
    NDArray vectors = zeros(pooled, 5);
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> Conditions.of(prompts, context, vectors));
    assertTrue(error.getMessage().contains("as many rows"), error.getMessage());
  }

  @Test
  void shouldRefuseGuidanceWithoutTheEmptyPrompt() {
    DiffusionModel model = TinyModel.load(scope);
    MmditConfig config = model.network().config();
    int[] shape = {config.channels(), 4, 4};
    NDArray latents = Latents.of(scope, new float[2 * config.channels() * 16], shape);
    NDArray context = zeros(2, 7, config.jointDim());
    Conditions plain = Conditions.of(2, context, zeros(2, config.pooledDim()));
    for (double guidance : new double[] {0, 1.5, 4.5}) {
      VelocityField guided = new VelocityField(model.network(), guidance);
      var error =
          assertThrows(
              IllegalArgumentException.class, () -> guided.velocity(scope, latents, 500, plain));
      assertTrue(error.getMessage().contains("guidance " + guidance), error.getMessage());
    }
    VelocityField none = new VelocityField(model.network(), 1);
    assertEquals(latents.getShape(), none.velocity(scope, latents, 500, plain).getShape());
  }
}
