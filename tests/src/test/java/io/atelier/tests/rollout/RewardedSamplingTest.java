package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardBins;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import io.atelier.rollout.sampler.RewardTarget;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a model that is told of rewards draws. */
class RewardedSamplingTest {

  private static final GroupNoise NOISE = new GroupNoise(3);
  private static final Optional<RewardTarget> BEST =
      Optional.of(RewardTarget.of(Map.of("style", 1.0)));

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /**
   * The tiny model told of rewards.
   *
   * @param last size of the last layer's weights; 0 as training begins
   */
  private DiffusionModel told(double last) {
    DiffusionModel tiny = TinyModel.load(scope);
    RewardConditionConfig config =
        new RewardConditionConfig(
            List.of("style", "jpeg"),
            List.of(
                RewardBins.fit(new float[] {0, 1, 2}, 2), RewardBins.fit(new float[] {0, 1}, 2)),
            tiny.network().config().pooledDim());
    Map<String, NamedTensors.Tensor> like = new TreeMap<>();
    config
        .shapes()
        .forEach(
            (name, shape) ->
                like.put(
                    name, new NamedTensors.Tensor(shape, new float[NamedTensors.elements(shape)])));
    Map<String, NamedTensors.Tensor> weights =
        new TreeMap<>(TinyModel.noisy(new NamedTensors(like), 5, .5).asMap());
    weights.replaceAll(
        (name, tensor) -> {
          float[] values = tensor.values().clone();
          for (int i = 0; i < values.length && name.contains("linear_2"); i++) {
            values[i] *= (float) last;
          }
          return new NamedTensors.Tensor(tensor.shape(), values);
        });
    RewardCondition network =
        new RewardCondition(scope, config, WeightSource.of("drawn", new NamedTensors(weights)));
    return new DiffusionModel(tiny.denoiser(), tiny.vae(), tiny.text(), Optional.of(network));
  }

  private float[] draw(DiffusionModel model, Optional<RewardTarget> target, double guidance) {
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      ImageSampler.Settings settings = new ImageSampler.Settings(2, 64, 64, 3, guidance);
      return sampler.draw(NOISE, new GroupId(1, 0), "a fox", settings.asking(target)).end();
    }
  }

  @Test
  void shouldDrawTheSameBitsBeforeTheConditionIsTrained() {
    float[] base = draw(TinyModel.load(scope), Optional.empty(), 3);
    assertArrayEquals(base, draw(told(0), BEST, 3));
    assertArrayEquals(base, draw(told(1), Optional.empty(), 3));
    assertArrayEquals(draw(TinyModel.load(scope), Optional.empty(), 1), draw(told(0), BEST, 1));
  }

  @Test
  void shouldDrawOtherImagesForOtherRewards() {
    DiffusionModel model = told(1);
    float[] best = draw(model, BEST, 3);
    RewardTarget worst = RewardTarget.of(Map.of("style", 0.0));
    assertFalse(Arrays.equals(best, draw(model, Optional.empty(), 3)));
    assertFalse(Arrays.equals(best, draw(model, Optional.of(worst), 3)));
    RewardTarget text = new RewardTarget(Map.of("style", 1.0), Map.of("style", 0.0), true);
    assertFalse(Arrays.equals(best, draw(model, Optional.of(text), 3)));
  }

  /** Both branches are equal, so guidance changes nothing but rounding. */
  @Test
  void shouldNotGuideAwayFromWhatItGuidesTo() {
    DiffusionModel model = told(1);
    RewardTarget same = new RewardTarget(Map.of("style", 1.0), Map.of("style", 1.0), true);
    assertArrayEquals(draw(model, BEST, 1), draw(model, Optional.of(same), 3), 1e-4f);
  }

  @Test
  void shouldRefuseRewardsOfAModelThatKnowsTextAlone() {
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> draw(TinyModel.load(scope), BEST, 3));
    assertTrue(refused.getMessage().contains("not conditioned on rewards"), refused::getMessage);
  }
}
