package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.Discriminator;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.DiscriminatorLearner;
import io.atelier.reward.adversarial.DiscriminatorLearner.Gradient;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
import io.atelier.reward.adversarial.FeatureBatch;
import io.atelier.reward.adversarial.Health;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.Places;
import io.atelier.reward.adversarial.PoolingConfig;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The discriminator's head on given feature tokens: losses, gradients, Adam steps, rewards. */
@Tag("golden")
class DiscriminatorGoldenTest {

  private static final Map<String, String> NAMES =
      Map.of(
          "layers.0.weight", "shared.weight",
          "layers.0.bias", "shared.bias",
          "layers.2.weight", "out.weight",
          "layers.2.bias", "out.bias");

  @ParameterizedTest
  @CsvSource({"plain,none", "plain,l2", "registers,none", "registers,l2"})
  void shouldLearnAndScoreAsPublished(String model, String mode) {
    JsonNode spec = Golden.json("dino", model, "case.json");
    SafetensorsFile file = SafetensorsFile.open(Golden.path("dino", model, "expected.safetensors"));
    DiscriminatorConfig config = config(spec, mode);
    CriticConfig critic = critic(spec);
    Discriminator start = Discriminator.of(config, head(file, mode + ".head.start"));
    DiscriminatorLearner learner = new DiscriminatorLearner(critic, start);
    int pairs = spec.get("pairs").asInt();
    Side[] sides = new Side[2];
    RandomStream unused = new GroupNoise(0).stream(Purpose.CRITIC_UPDATE, 0);
    double rate = critic.adam().learningRate();
    Map<String, float[]> smallest = new TreeMap<>();
    int steps = 0;
    for (; file.contains(mode + ".step." + steps + ".loss"); steps++) {
      String key = mode + ".step." + steps + ".";
      sides[0] = new Side(batch(file, spec, 0, pairs), places(file, key + "index_real"));
      sides[1] = new Side(batch(file, spec, pairs, 2 * pairs), places(file, key + "index_fake"));
      Gradient gradient = learner.gradient(sides[0], sides[1], Optional.empty(), unused);
      assertEquals(file.floats(key + "loss")[0], gradient.loss(), 2e-6, key + "loss");
      Health health = learner.discriminator().health(sides[0].batch(), sides[1].batch());
      assertEquals(file.floats(key + "accuracy")[0], health.accuracy(), 1e-6, key + "accuracy");
      learner.apply(gradient);
      NamedTensors weights = learner.discriminator().weights();
      for (Map.Entry<String, String> name : NAMES.entrySet()) {
        float[] own = gradient.gradients().get(name.getValue()).values();
        if (file.contains(key + "grad." + name.getKey())) {
          checkGradient(file, key + "grad." + name.getKey(), own);
        }
        float[] least = smallest.computeIfAbsent(name.getKey(), n -> own.clone());
        for (int i = 0; i < own.length; i++) {
          least[i] = Math.min(Math.abs(least[i]), Math.abs(own[i]));
        }
        float[] actual = weights.get(name.getValue()).values();
        checkWeights(file, key + "weight." + name.getKey(), actual, least, (steps + 1) * rate);
      }
    }
    assertTrue(steps >= 3, "steps checked: " + steps);
    // Of the golden weights: ours may differ by whole steps where a gradient is noise.
    NamedTensors last = head(file, mode + ".step." + (steps - 1) + ".weight");
    try (start;
        Discriminator golden = Discriminator.of(config, last)) {
      checkReward(file, spec, mode, golden);
    }
  }

  private static void checkGradient(SafetensorsFile file, String name, float[] actual) {
    float[] expected = file.floats(name);
    double largest = 0;
    for (float g : expected) {
      largest = Math.max(largest, Math.abs(g));
    }
    // The last bias has a true gradient of zero while every row is active: rounding noise is left.
    assertClose(name, expected, actual, Math.max(1e-4 * largest, 2e-7));
  }

  /** Where a gradient is near Adam's epsilon its sign is noise, and so is the step. */
  private static void checkWeights(
      SafetensorsFile file, String name, float[] actual, float[] smallest, double way) {
    float[] expected = file.floats(name);
    for (int i = 0; i < expected.length; i++) {
      double bound = smallest[i] > 1e-6 ? 1e-6 + 0.01 * way : 2 * way;
      assertEquals(expected[i], actual[i], bound, name + "[" + i + "]");
    }
  }

  private static void checkReward(
      SafetensorsFile file, JsonNode spec, String mode, Discriminator discriminator) {
    int all = (int) file.info("tokens").shape()[0];
    Discriminator.Scores scores =
        discriminator.score(batch(file, spec, 0, all), places(file, mode + ".reward.index"));
    assertClose(mode + " cls", file.floats(mode + ".reward.cls"), scores.global(), 5e-6);
    assertClose(mode + " patches", file.floats(mode + ".reward.patches"), scores.local(), 5e-6);
    assertClose(mode + " value", file.floats(mode + ".reward.value"), scores.total(), 5e-6);
  }

  private static DiscriminatorConfig config(JsonNode spec, String mode) {
    return new DiscriminatorConfig(
        spec.get("head_hidden").asInt(),
        List.of("cls"),
        List.of(),
        List.of("patches"),
        true,
        Normalise.valueOf(mode.toUpperCase(Locale.ROOT)),
        0,
        spec.get("reward_weights").get(0).asDouble(),
        spec.get("reward_weights").get(1).asDouble(),
        spec.get("patches_drawn").asInt(),
        256,
        AugmentationConfig.NONE,
        PoolingConfig.PLAIN);
  }

  private static CriticConfig critic(JsonNode spec) {
    JsonNode adam = spec.get("adam");
    AdamConfig optimizer =
        new AdamConfig(
            adam.get("lr").asDouble(),
            adam.get("betas").get(0).asDouble(),
            adam.get("betas").get(1).asDouble(),
            adam.get("eps").asDouble(),
            0);
    double local = spec.get("patch_loss_weight").asDouble();
    int places = spec.get("patches_drawn").asInt();
    return new CriticConfig(
        optimizer, 1, Optional.empty(), 1, 1, local, places, 0, 0, 1, 1, 0, 0, 2, Optional.empty());
  }

  private static NamedTensors head(SafetensorsFile file, String prefix) {
    TreeMap<String, Tensor> tensors = new TreeMap<>();
    NAMES.forEach(
        (golden, ours) -> {
          String name = prefix + "." + golden;
          tensors.put(ours, new Tensor(file.info(name).shape(), file.floats(name)));
        });
    return new NamedTensors(tensors);
  }

  /** Class token, and the patches after the registers. */
  private static FeatureBatch batch(SafetensorsFile file, JsonNode spec, int from, int to) {
    long[] shape = file.info("tokens").shape();
    float[] tokens = file.floats("tokens");
    int all = (int) shape[1];
    int width = (int) shape[2];
    int first = 1 + spec.get("registers").asInt();
    int patches = all - first;
    int count = to - from;
    float[] cls = new float[count * width];
    float[] local = new float[count * patches * width];
    for (int n = 0; n < count; n++) {
      int at = (from + n) * all * width;
      System.arraycopy(tokens, at, cls, n * width, width);
      System.arraycopy(tokens, at + first * width, local, n * patches * width, patches * width);
    }
    NamedTensors views =
        new NamedTensors(
            Map.of(
                "global", new Tensor(new long[] {count, width}, cls),
                "local.patches", new Tensor(new long[] {count, patches, width}, local)));
    return new FeatureBatch(count, views, new float[0][]);
  }

  private static Places places(SafetensorsFile file, String name) {
    int each = (int) file.info(name).shape()[1];
    long[] index = file.longs(name);
    return (map, images, all) -> {
      int[][] places = new int[images][each];
      for (int i = 0; i < images * each; i++) {
        places[i / each][i % each] = (int) index[i];
      }
      return places;
    };
  }
}
