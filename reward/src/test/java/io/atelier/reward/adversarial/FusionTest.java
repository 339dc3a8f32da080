package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Places and maps become one logit. Element i of tensor j, in the order of names, is sin(j + 0.7 i)
 * of weights and cos(0.3 j + 1.1 i) of features; the numbers are from numpy, in float64.
 */
class FusionTest {

  private static final double BOUND = 2e-6;

  private static NamedTensors weights() {
    SortedMap<String, long[]> shapes = new TreeMap<>();
    shapes.put("gate.bias", new long[] {2});
    shapes.put("gate.weight", new long[] {2, 2});
    shapes.put("global.bias", new long[] {4});
    shapes.put("global.weight", new long[] {4, 2});
    shapes.put("local.a.bias", new long[] {4});
    shapes.put("local.a.weight", new long[] {4, 3});
    shapes.put("local.b.bias", new long[] {4});
    shapes.put("local.b.weight", new long[] {4, 2});
    shapes.put("out.bias", new long[] {1});
    shapes.put("out.local.a.bias", new long[] {1});
    shapes.put("out.local.a.weight", new long[] {1, 4});
    shapes.put("out.local.b.bias", new long[] {1});
    shapes.put("out.local.b.weight", new long[] {1, 4});
    shapes.put("out.weight", new long[] {1, 4});
    return filled(shapes, 1, 0.7, Math::sin);
  }

  private static FeatureBatch features() {
    SortedMap<String, long[]> shapes = new TreeMap<>();
    shapes.put("global", new long[] {2, 2});
    shapes.put("local.a", new long[] {2, 6, 3});
    shapes.put("local.b", new long[] {2, 10, 2});
    return new FeatureBatch(2, filled(shapes, 0.3, 1.1, Math::cos), new float[0][]);
  }

  private static NamedTensors filled(
      SortedMap<String, long[]> shapes, double each, double step, DoubleUnaryOperator wave) {
    Map<String, Tensor> tensors = new TreeMap<>();
    shapes.forEach(
        (name, shape) -> {
          float[] values = new float[NamedTensors.elements(shape)];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) wave.applyAsDouble(each * tensors.size() + step * i);
          }
          tensors.put(name, new Tensor(shape, values));
        });
    return new NamedTensors(tensors);
  }

  private static DiscriminatorConfig view(PoolingConfig pooling) {
    return new DiscriminatorConfig(
        4,
        List.of("cls"),
        List.of(),
        List.of("a", "b"),
        false,
        Normalise.NONE,
        0,
        0.5,
        0.5,
        0,
        256,
        AugmentationConfig.NONE,
        pooling);
  }

  private static Discriminator.Scores scores(double share, double temperature) {
    PoolingConfig pooling = new PoolingConfig(share, Fusion.GATED, temperature);
    try (Discriminator discriminator = Discriminator.of(view(pooling), weights())) {
      return discriminator.score(features(), Places.every());
    }
  }

  private static void check(float[] actual, double first, double second) {
    assertEquals(first, actual[0], BOUND);
    assertEquals(second, actual[1], BOUND);
  }

  /** 2 of 6 places of the one map, 3 of 10 of the other. */
  @Test
  void shouldFuseTheHighestPlacesByTheGate() {
    Discriminator.Scores scores = scores(0.34, 0);
    check(scores.global(), 1.1136123, 3.08518204);
    check(scores.local(), 0.83618414, 0.61951501);
    check(scores.total(), 0.97489822, 1.85234853);
    check(scores(1, 0).local(), 0.49026087, 0.36173341);
    check(scores(0.01, 0).local(), 0.85741976, 0.62918832); // one place counts at least
  }

  @Test
  void shouldSquashByTheTemperature() {
    check(scores(0.34, 2).total(), 0.61950532, 0.71629848);
    check(scores(1, 2).total(), 0.59892028, 0.70302174);
  }

  /**
   * The first image as a reference, the second as a generated one, of which no place is left out.
   */
  @Test
  void shouldLearnByTheFusedLogit() {
    CriticConfig critic =
        new CriticConfig(
            AdamConfig.discriminator(1e-3),
            1,
            Optional.empty(),
            1,
            0,
            1,
            0,
            0,
            0,
            1,
            1,
            0,
            0,
            2,
            Optional.empty());
    DiscriminatorConfig view = view(new PoolingConfig(0.34, Fusion.GATED, 2));
    try (Discriminator discriminator = Discriminator.of(view, weights())) {
      Side real = new Side(features().select(new int[] {0}), Places.every());
      Side fake = new Side(features().select(new int[] {1}), Places.every());
      assertEquals(
          0.8916654384587899,
          new DiscriminatorLearner(critic, discriminator)
              .gradient(
                  real, fake, Optional.empty(), new GroupNoise(1).stream(Purpose.CRITIC_UPDATE, 0))
              .loss(),
          BOUND);
      Health health = discriminator.localHealth(real.batch(), fake.batch());
      assertEquals(0.83618414 - 0.61951501, health.margin(), BOUND);
      assertEquals(0.5, health.accuracy());
    }
  }

  /** Its own last layers and a gate: of another configuration they are missed by name. */
  @Test
  void shouldPublishWhatItIsMadeOf() {
    DiscriminatorConfig gated = view(new PoolingConfig(1, Fusion.GATED, 0));
    DiscriminatorConfig plain = view(PoolingConfig.PLAIN);
    try (Discriminator one = Discriminator.of(gated, weights());
        Discriminator fresh =
            Discriminator.create(
                gated, features().views(), new GroupNoise(1).stream(Purpose.CRITIC_START, 0));
        Discriminator other = Discriminator.of(plain, weights())) {
      assertEquals(weights().contentHash(), one.weights().contentHash());
      assertEquals(weights().names(), fresh.weights().names());
      NamedTensors without = other.weights();
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> Discriminator.of(gated, without).close())
              .getMessage();
      assertTrue(message.startsWith("no tensor \"out.local.a.weight\" among 8: "), message);
    }
  }

  @Test
  void shouldSayWhatIsWrongWithASetting() {
    check(
        "top-share 0.0 must be above 0 and at most 1", () -> new PoolingConfig(0, Fusion.MEAN, 0));
    check(
        "temperature -1.0 must be finite and not negative",
        () -> new PoolingConfig(1, Fusion.MEAN, -1));
    check(
        "fusion is gated, and there are 1 maps to fuse: name two or more, or set it to mean",
        () -> one(List.of("a"), 0.5, new PoolingConfig(1, Fusion.GATED, 0)));
    check(
        "top-share 0.2 must be 1 without maps",
        () -> one(List.of(), 0, new PoolingConfig(0.2, Fusion.MEAN, 0)));
  }

  private static void one(List<String> maps, double local, PoolingConfig pooling) {
    new DiscriminatorConfig(
        4,
        List.of("cls"),
        List.of(),
        maps,
        false,
        Normalise.NONE,
        0,
        0.5,
        local,
        0,
        256,
        AugmentationConfig.NONE,
        pooling);
  }

  private static void check(String message, Executable broken) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, broken).getMessage());
  }

  /** Scores of an image alone and beside another. */
  @Test
  void shouldScoreAnImageAloneAsBesideOthers() {
    DiscriminatorConfig view = view(new PoolingConfig(0.34, Fusion.GATED, 2));
    try (Discriminator discriminator = Discriminator.of(view, weights());
        Discriminator other = Discriminator.of(view, weights())) {
      float[] both = discriminator.score(features(), Places.every()).total();
      float[] second = other.score(features().select(new int[] {1}), Places.every()).total();
      assertArrayEquals(new float[] {both[1]}, second);
    }
  }
}
