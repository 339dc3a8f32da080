package io.atelier.actors.config.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;
import io.atelier.models.tensor.StorageType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementConfigTest {

  private static PlacementConfig placement(String... keys) {
    return TrainConfig.load("dev", keys).placement();
  }

  @Test
  void shouldTakeTheFilesAsTheyAreByDefault() {
    PlacementConfig placement = placement();
    assertEquals(ModelTypes.DEFAULT, placement.trained());
    assertEquals(ModelTypes.DEFAULT, placement.measured());
    assertEquals(DeviceChoice.AUTO, placement.device(true));
    assertEquals("float32, weights as stored", placement.types());
  }

  @Test
  void shouldGiveARoleWhatAllHaveUnlessItHasItsOwn() {
    PlacementConfig placement =
        placement(
            "rollout.merge-adapter=false",
            "placement.compute=bfloat16",
            "placement.storage=bfloat16",
            "placement.text.storage=float16",
            "placement.evaluation.compute=float32");
    assertEquals(
        new ModelTypes(StorageType.BFLOAT16, StorageType.FLOAT16, ComputeType.BFLOAT16),
        placement.trained());
    assertEquals(
        new ModelTypes(StorageType.BFLOAT16, StorageType.FLOAT16, ComputeType.FLOAT32),
        placement.measured());
    assertEquals(
        "bfloat16, weights as bfloat16; evaluation in float32, weights as bfloat16; text encoders"
            + " as float16; networks that judge as stored",
        placement.types());
  }

  /** A process that only scores is not held to a GPU that all others are held to. */
  @Test
  void shouldGiveRewardsADeviceOfTheirOwnOnlyApart() {
    PlacementConfig inherited = placement("placement.device=cuda");
    assertEquals(DeviceChoice.CUDA, inherited.device(true));
    assertEquals(DeviceChoice.AUTO, inherited.reward().device());
    PlacementConfig held = placement("placement.device=cuda", "placement.reward.device=cuda");
    assertEquals(DeviceChoice.CUDA, held.reward().device());
    PlacementConfig apart = placement("placement.device=cuda", "placement.reward.device=cpu");
    assertEquals(DeviceChoice.CUDA, apart.device(false));
    String message =
        assertThrows(InvalidConfigException.class, () -> apart.device(true)).getMessage();
    assertTrue(
        message.startsWith(
            "placement.reward.device is cpu and that of the other roles cuda, and one process"),
        message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "placement.rollout.storage=bfloat16 | placement.learner.storage is stored, must be that of rollout, which is bfloat16: else first ratios are not 1 (the default)",
        "placement.learner.compute=bfloat16 | placement.learner.compute is bfloat16, must be that of rollout, which is float32: else first ratios are not 1 (set by the command line)",
        "placement.evaluation.device=cpu | placement.evaluation.device is cpu, must be that of rollout, which is auto",
        "placement.text.compute=bfloat16 | placement.text.compute is bfloat16, must be float32",
        "placement.reward.storage=float16 | placement.reward.storage is float16, must be stored",
        "placement.evaluation.storage=int8 | placement.evaluation.storage = \"int8\" must be one of inherit, stored, float32, bfloat16, float16",
        "placement.storage=inherit | placement.storage = \"inherit\" must be one of stored, float32",
        "placement.critic.device=cpu | unknown key placement.critic.device"
      })
  void shouldNameWhatIsWrong(String key, String expected) {
    String message = assertThrows(InvalidConfigException.class, () -> placement(key)).getMessage();
    assertTrue(message.startsWith(expected), message);
  }

  @Test
  void shouldNotRoundWhatIsTrainedAsAWhole() {
    String message =
        assertThrows(
                InvalidConfigException.class,
                () -> placement("model.train=full", "placement.storage=bfloat16"))
            .getMessage();
    assertTrue(message.startsWith("model.train is full, whose weights are float32"), message);
    placement("model.train=full", "placement.storage=float32");
    placement("model.train=full", "model.targets=[attn.to_q]", "placement.storage=bfloat16");
  }
}
