package io.atelier.models.condition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardConditionTest {

  private static final RewardConditionConfig CONFIG =
      new RewardConditionConfig(
          List.of("style", "jpeg"),
          List.of(
              RewardBins.fit(new float[] {0, 1, 2, 3}, 3),
              RewardBins.fit(new float[] {-2, -1, 0}, 2)),
          2);

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

  /**
   * linear_1 of the style picks the sine of k = 1 and the cosine of k = 1, at places 0 and 16;
   * linear_2 takes both to the first output and adds 3 to the second. jpeg adds 10 to both.
   */
  private static NamedTensors weights() {
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    CONFIG
        .shapes()
        .forEach(
            (name, shape) ->
                tensors.put(
                    name, new NamedTensors.Tensor(shape, new float[NamedTensors.elements(shape)])));
    tensors.get("style.linear_1.weight").values()[0] = 1;
    tensors.get("style.linear_1.weight").values()[32 + 16] = 1;
    tensors.get("style.linear_2.weight").values()[0] = 1;
    tensors.get("style.linear_2.weight").values()[1] = 1;
    tensors.get("style.linear_2.bias").values()[1] = 3;
    Arrays.fill(tensors.get("jpeg.linear_2.bias").values(), 10);
    return new NamedTensors(tensors);
  }

  private float[] embed(float... values) {
    RewardCondition network =
        new RewardCondition(scope, CONFIG, WeightSource.of("by hand", weights()));
    return Host.floats(network.embed(scope, new float[][] {values}));
  }

  /** At 1/2 the sine is 1 and the cosine 0: silu(1) + silu(0) = 0.731059 + 0. */
  @Test
  void shouldAddWhatEachRewardGives() {
    assertArrayEquals(new float[] {10.731059f, 13}, embed(.5f, .2f), 1e-5f);
    // at 1 the sine is 0 and the cosine -1: silu(-1) = -0.268941
    assertArrayEquals(new float[] {9.731059f, 13}, embed(1, .2f), 1e-5f);
  }

  @Test
  void shouldAddZerosForMissingRewards() {
    assertArrayEquals(new float[] {.731059f, 3}, embed(.5f, Float.NaN), 1e-5f);
    assertArrayEquals(new float[] {10, 10}, embed(Float.NaN, 0));
    assertArrayEquals(new float[] {0, 0}, embed(Float.NaN, Float.NaN));
  }

  @Test
  void shouldReadWhatItWrites(@TempDir Path folder) {
    RewardConditionFile.write(folder, CONFIG, weights());
    RewardCondition read = RewardConditionFile.load(scope, folder, 2);
    assertEquals(CONFIG.names(), read.config().names());
    for (int r = 0; r < 2; r++) {
      assertArrayEquals(CONFIG.bins().get(r).edges(), read.config().bins().get(r).edges());
    }
    assertEquals(weights().contentHash(), read.weights().export().contentHash());
  }

  @Test
  void shouldRefuseAFileThatDoesNotFit(@TempDir Path folder) {
    RewardConditionFile.write(folder, CONFIG, weights());
    Exception width =
        assertThrows(
            IllegalArgumentException.class, () -> RewardConditionFile.load(scope, folder, 3));
    assertTrue(width.getMessage().contains("linear_2"), width::getMessage);
    new SafetensorsWriter()
        .add("style.edges", new long[] {3}, new float[] {0, 1, 2})
        .write(folder.resolve(RewardConditionFile.NAME));
    assertThrows(FileException.class, () -> RewardConditionFile.load(scope, folder, 2));
  }

  @Test
  void shouldKnowOnlyItsRewardsAndValuesFromZeroToOne() {
    assertArrayEquals(new float[] {Float.NaN, .5f}, CONFIG.values(Map.of("jpeg", .5)));
    for (Map<String, Double> wrong : List.of(Map.of("jpg", .5), Map.of("jpeg", 1.5))) {
      Exception refused = assertThrows(IllegalArgumentException.class, () -> CONFIG.values(wrong));
      assertTrue(refused.getMessage().contains("jp"), refused::getMessage);
    }
  }
}
