package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.DiscriminatorLearner.Gradient;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** On features of few numbers, of 4 references and 6 generated images. */
class DiscriminatorLearnerTest {

  private static final AdamConfig ADAM = AdamConfig.discriminator(1e-2);
  private static final int REAL = 4;
  private static final int FAKE = 6;

  private static RandomStream stream(int index) {
    return new GroupNoise(11).stream(Purpose.CRITIC_UPDATE, index);
  }

  private static DiscriminatorConfig view() {
    return view(PoolingConfig.PLAIN);
  }

  private static DiscriminatorConfig view(PoolingConfig pooling) {
    return view(pooling, Optional.empty());
  }

  private static DiscriminatorConfig view(
      PoolingConfig pooling, Optional<ResidualConfig> residual) {
    return new DiscriminatorConfig(
        5,
        List.of("cls"),
        List.of(),
        List.of("a", "b"),
        false,
        Normalise.L2,
        2,
        0.7,
        0.3,
        0,
        256,
        AugmentationConfig.NONE,
        pooling,
        residual,
        EnsembleConfig.SINGLE);
  }

  private static CriticConfig critic(double localLoss) {
    return critic(localLoss, Optional.empty());
  }

  private static CriticConfig critic(double localLoss, Optional<CriticLoss> loss) {
    return new CriticConfig(
        ADAM, 1, Optional.empty(), 1, 1, localLoss, 3, 0.1, 0.25, 1, 1, 0, 0, 2, loss);
  }

  private static FeatureBatch features(int count, RandomStream random) {
    SortedMap<String, Tensor> views = new TreeMap<>();
    views.put("global", tensor(random, count, 3));
    views.put("local.a", tensor(random, count, 7, 4));
    views.put("local.b", tensor(random, count, 5, 2));
    views.put("prior", prior(count));
    return new FeatureBatch(count, new NamedTensors(views), vectors(count, random));
  }

  /** Raw scores, which only a residual looks at. */
  private static Tensor prior(int count) {
    float[] scores = new float[count];
    for (int n = 0; n < count; n++) {
      scores[n] = 5 + (n * 7 % 5) / 2f;
    }
    return new Tensor(new long[] {count, 1}, scores);
  }

  private static float[][] vectors(int count, RandomStream random) {
    float[][] vectors = new float[count][];
    for (int n = 0; n < count; n++) {
      vectors[n] = random.normals(2);
    }
    return vectors;
  }

  private static Tensor tensor(RandomStream random, long... shape) {
    return new Tensor(shape, random.normals(NamedTensors.elements(shape)));
  }

  /** Weights of unit deviation, so that logits lie on both sides of the kinks. */
  private static NamedTensors weights(DiscriminatorConfig view) {
    RandomStream random = stream(1);
    try (Discriminator fresh = Discriminator.create(view, features(2, random).views(), random)) {
      Map<String, Tensor> wide = new TreeMap<>();
      fresh
          .weights()
          .asMap()
          .forEach(
              (name, tensor) ->
                  wide.put(
                      name, name.startsWith("prior.") ? tensor : tensor(random, tensor.shape())));
      return new NamedTensors(wide);
    }
  }

  /** The same images, places and noise in each call. */
  private static Gradient gradient(
      CriticConfig critic, DiscriminatorConfig view, NamedTensors weights) {
    RandomStream random = stream(2);
    FeatureBatch real = features(REAL, random);
    FeatureBatch fake = features(FAKE, random);
    FeatureBatch wrong = new FeatureBatch(REAL, real.views(), vectors(REAL, random));
    Places places = Places.drawn(critic.places(), random);
    try (Discriminator discriminator = Discriminator.of(view, weights)) {
      return new DiscriminatorLearner(critic, discriminator)
          .gradient(new Side(real, places), new Side(fake, places), Optional.of(wrong), random);
    }
  }

  private static void requireDerivatives(CriticConfig critic, DiscriminatorConfig view) {
    NamedTensors weights = weights(view);
    Gradient gradient = gradient(critic, view, weights);
    float h = 1e-2f;
    int moving = 0;
    for (String name : gradient.gradients().names()) {
      Tensor tensor = weights.get(name);
      for (int i = 0; i < tensor.values().length; i++) {
        double up = gradient(critic, view, moved(weights, name, i, h)).loss();
        double down = gradient(critic, view, moved(weights, name, i, -h)).loss();
        double expected = (up - down) / (2 * h);
        moving += Math.abs(expected) > 1e-3 ? 1 : 0;
        assertEquals(
            expected, gradient.gradients().get(name).values()[i], 5e-3, name + "[" + i + "]");
      }
    }
    assertTrue(moving > weights.elements() / 3, moving + " of " + weights.elements() + " move");
  }

  private static NamedTensors moved(NamedTensors weights, String name, int at, float by) {
    Tensor tensor = weights.get(name);
    float[] values = tensor.values().clone();
    values[at] += by;
    return weights.with(new NamedTensors(Map.of(name, new Tensor(tensor.shape(), values))));
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheGradientThatDifferencesGive(CriticLoss loss) {
    requireDerivatives(critic(0.5, Optional.of(loss)), view());
  }

  @ParameterizedTest(name = "{0} of the places, {1}")
  @CsvSource({"1, GATED", "0.7, GATED", "0.7, MEAN"})
  void shouldGiveTheGradientOfWhatIsPooled(double share, Fusion fusion) {
    requireDerivatives(
        critic(0.5, Optional.of(CriticLoss.LOGISTIC)), view(new PoolingConfig(share, fusion, 2)));
  }

  @ParameterizedTest(name = "{0}, the head sees the prior: {1}, pairs held by {2}")
  @CsvSource({
    "HINGE, true, 0",
    "CROSS_ENTROPY, false, 0",
    "LOGISTIC, true, 0.3",
    "LOGISTIC, false, 0.3"
  })
  void shouldGiveTheGradientOfAResidual(CriticLoss loss, boolean seesPrior, double held) {
    ResidualConfig residual = new ResidualConfig("p", -0.8, seesPrior, held, 2 * held);
    DiscriminatorConfig view = view(PoolingConfig.PLAIN, Optional.of(residual));
    requireDerivatives(critic(0.5, Optional.of(loss)), view);
    requireDerivatives(
        critic(0.5, Optional.of(loss)),
        view(new PoolingConfig(0.7, Fusion.GATED, 2), Optional.of(residual)));
  }

  @Test
  void shouldLearnByTheHingeLossUnlessToldOtherwise() {
    NamedTensors weights = weights(view());
    double own = gradient(critic(0.5), view(), weights).loss();
    assertEquals(gradient(critic(0.5, Optional.of(CriticLoss.HINGE)), view(), weights).loss(), own);
    assertNotEquals(
        gradient(critic(0.5, Optional.of(CriticLoss.LOGISTIC)), view(), weights).loss(), own);
  }

  @Test
  void shouldLeaveWeightsAloneThatNoLossIsOf() {
    NamedTensors gradients = gradient(critic(0), view(), weights(view())).gradients();
    assertEquals(weights(view()).names(), gradients.names());
    assertArrayEquals(new float[5 * 4], gradients.get("local.a.weight").values());
  }

  /** A run that was saved with the optimizer in plain Java goes on as it would have. */
  @Test
  void shouldStepAndResumeAsAdamInPlainJava() {
    NamedTensors weights = weights(view());
    Adam plain = new Adam(ADAM, weights);
    SortedMap<String, float[]> values = new TreeMap<>();
    weights.asMap().forEach((name, tensor) -> values.put(name, tensor.values().clone()));
    for (int step = 0; step < 3; step++) {
      Gradient gradient = gradient(critic(0.5), view(), tensors(weights, values));
      try (Discriminator own = Discriminator.of(view(), tensors(weights, values))) {
        DiscriminatorLearner learner = new DiscriminatorLearner(critic(0.5), own);
        learner.restoreOptimizer(plain.state());
        learner.apply(gradient);
        SortedMap<String, float[]> gradients = new TreeMap<>();
        gradient.gradients().asMap().forEach((name, g) -> gradients.put(name, g.values()));
        plain.step(values, gradients);
        assertEquals(tensors(weights, values).contentHash(), own.weights().contentHash());
        assertEquals(plain.state().contentHash(), learner.optimizer().contentHash());
      }
    }
  }

  private static NamedTensors tensors(NamedTensors like, SortedMap<String, float[]> values) {
    Map<String, Tensor> tensors = new TreeMap<>();
    values.forEach(
        (name, own) -> tensors.put(name, new Tensor(like.get(name).shape(), own.clone())));
    return new NamedTensors(tensors);
  }
}
