package io.atelier.learner.pretrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.condition.RewardBins;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Images;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainersTest {

  private static final PretrainConfig CONFIG =
      new PretrainConfig(
          3,
          new PretrainConfig.Stage(40, 4, 2e-3),
          new PretrainConfig.Stage(40, 4, 1e-3),
          new PretrainConfig.Stage(40, 4, 1e-3),
          12,
          Optional.empty());

  private NDManager scope;

  @BeforeEach
  void enter() {
    scope = Torch.newScope();
  }

  @AfterEach
  void leave() {
    scope.close();
  }

  @Test
  void shouldGoOnWithTheSameAutoencoderWhenRestored() {
    NamedTensors middle;
    NamedTensors end;
    try (VaeTrainer trainer = vae()) {
      trainer.step(0);
      middle = trainer.state();
      trainer.step(1);
      end = trainer.state();
    }
    assertNotEquals(middle.contentHash(), end.contentHash());
    try (VaeTrainer again = vae()) {
      again.restore(middle);
      again.step(1);
      assertEquals(end.contentHash(), again.state().contentHash());
    }
  }

  @Test
  void shouldDecodeTheSameWithUnitLatentsWhenSpreadIsFolded() {
    Images images = images();
    try (VaeTrainer trainer = vae()) {
      for (int step = 0; step < 3; step++) {
        trainer.step(step);
      }
      Vae before = trainer.averaged(scope);
      Vae after = new Vae(scope, CONFIG.vaeConfig(), WeightSource.of("folded", trainer.finish()));
      Images expected = VaePass.roundTrip(before, images);
      Images actual = VaePass.roundTrip(after, images);
      for (int i = 0; i < expected.rgb().length; i++) {
        assertEquals(expected.rgb()[i] & 255, actual.rgb()[i] & 255, 1, "byte " + i);
      }
      assertUnitSpread(VaePass.encode(after, images));
    }
  }

  @Test
  void shouldGoOnWithTheSameDecoderWhenRestored() {
    NamedTensors start = autoencoder();
    NamedTensors middle;
    NamedTensors end;
    try (DecoderTrainer trainer = decoder(start)) {
      trainer.step(0);
      middle = trainer.state();
      trainer.step(1);
      end = trainer.state();
    }
    assertNotEquals(middle.contentHash(), end.contentHash());
    try (DecoderTrainer again = decoder(start)) {
      again.restore(middle);
      again.step(1);
      assertEquals(end.contentHash(), again.state().contentHash());
    }
  }

  @Test
  void shouldLeaveTheEncoderAsItIsWhenTheDecoderIsTrained() {
    NamedTensors start = autoencoder();
    try (DecoderTrainer trainer = decoder(start)) {
      trainer.step(0);
      NamedTensors trained = trainer.averaged();
      for (String name : start.names()) {
        boolean same = Arrays.equals(start.get(name).values(), trained.get(name).values());
        assertEquals(name.startsWith("encoder."), same, name);
      }
    }
  }

  private NamedTensors autoencoder() {
    try (VaeTrainer trainer = vae()) {
      trainer.step(0);
      return trainer.finish();
    }
  }

  private DecoderTrainer decoder(NamedTensors autoencoder) {
    return new DecoderTrainer(
        scope, CONFIG.vaeConfig(), autoencoder, CONFIG.decoder(), CONFIG.seed(), images());
  }

  private static void assertUnitSpread(float[] latents) {
    int channels = 16;
    int area = 64;
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      double square = 0;
      int count = 0;
      for (int i = 0; i < latents.length; i++) {
        if (i / area % channels == c) {
          sum += latents[i];
          square += latents[i] * latents[i];
          count++;
        }
      }
      double mean = sum / count;
      assertEquals(1, Math.sqrt(square / count - mean * mean), 1e-3, "channel " + c);
    }
  }

  @Test
  void shouldGoOnWithTheSameNetworkWhenRestored() {
    NamedTensors middle;
    NamedTensors end;
    try (FlowTrainer trainer = flow()) {
      trainer.step(0);
      middle = trainer.state();
      trainer.step(1);
      end = trainer.state();
    }
    try (FlowTrainer again = flow()) {
      again.restore(middle);
      again.step(1);
      assertEquals(end.contentHash(), again.state().contentHash());
    }
  }

  @Test
  void shouldSendGradientsToEveryWeight() {
    try (FlowTrainer trainer = flow()) {
      // Gates and outputs start at zero, so gradients reach the inner weights step by step.
      for (int step = 0; step < 5; step++) {
        trainer.step(step);
      }
      NamedTensors state = trainer.state();
      for (String name : state.names()) {
        // Nothing looks at what the last block makes of the text, so nothing asks on its behalf.
        boolean silent = name.matches(".*_blocks\\.5\\.attn\\.(add_q_proj|norm_added_q)\\..*");
        if (name.startsWith("optimizer.first.") && !silent) {
          boolean moved = false;
          for (float value : state.get(name).values()) {
            moved |= value != 0;
          }
          assertTrue(moved, name + " has never had a gradient");
        }
      }
    }
  }

  /** As many weights more as the condition has, and its last layer moves first. */
  @Test
  void shouldTrainWhatRewardsGoThrough() {
    NamedTensors middle;
    NamedTensors end;
    try (FlowTrainer trainer = flow(Optional.of(rewards()))) {
      NamedTensors before = trainer.averagedCondition().orElseThrow();
      for (float value : before.get("style.linear_2.weight").values()) {
        assertEquals(0, value);
      }
      for (int step = 0; step < 3; step++) {
        trainer.step(step);
      }
      middle = trainer.state();
      trainer.step(3);
      end = trainer.state();
      NamedTensors after = trainer.averagedCondition().orElseThrow();
      for (String name : before.names()) {
        assertFalse(
            Arrays.equals(before.get(name).values(), after.get(name).values()),
            name + " has not moved");
      }
    }
    try (FlowTrainer again = flow(Optional.of(rewards()))) {
      again.restore(middle);
      again.step(3);
      assertEquals(end.contentHash(), again.state().contentHash());
    }
  }

  /** The condition is zero at first, so the same noise has the same loss to the bit. */
  @Test
  void shouldBeginWithTheLossOfTheBaseWhateverTheRewards() {
    float[][][] other = {{{0}, {1}}};
    FlowTrainer.Rewards swapped = new FlowTrainer.Rewards(rewards().config(), other);
    try (FlowTrainer one = flow(Optional.of(rewards()));
        FlowTrainer two = flow(Optional.of(swapped))) {
      assertEquals(one.step(0), two.step(0));
      // Gates and outputs start at zero, so it takes some steps until the condition is heard.
      for (int step = 1; step < 5; step++) {
        one.step(step);
        two.step(step);
      }
      assertNotEquals(one.state().contentHash(), two.state().contentHash());
    }
  }

  private static FlowTrainer.Rewards rewards() {
    RewardBins bins = RewardBins.fit(new float[] {0, 1}, 2);
    return new FlowTrainer.Rewards(
        new RewardConditionConfig(List.of("style"), List.of(bins), 256),
        new float[][][] {{{1}, {0}}});
  }

  private VaeTrainer vae() {
    return new VaeTrainer(scope, CONFIG.vaeConfig(), CONFIG.vae(), CONFIG.seed(), images());
  }

  private static Images images() {
    return EmojiPack.load().images(EmojiStyle.FLAT, List.of(1, 50, 400, 900));
  }

  private FlowTrainer flow() {
    return flow(Optional.empty());
  }

  private FlowTrainer flow(Optional<FlowTrainer.Rewards> rewards) {
    float[][][] latents = new float[1][2][];
    for (int concept = 0; concept < 2; concept++) {
      latents[0][concept] = new GroupNoise(9).stream(Purpose.PRETRAIN, concept).normals(1024);
    }
    long[][] ids = {{30, 4, 31, 31, 31}, {30, 5, 31, 31, 31}};
    FlowTrainer.Data data =
        new FlowTrainer.Data(
            latents,
            new int[] {16, 8, 8},
            ids,
            new long[] {30, 31, 31, 31, 31},
            new double[] {1},
            rewards);
    return new FlowTrainer(scope, CONFIG, 32, data, Optional.empty());
  }
}
