package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.StepKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** One setting of the golden updates: what went in, and checks of what came out. */
final class GoldenUpdate {
  private static final String PEFT = "base_model.model.";
  private static final double GRADIENT = 1e-4;
  private static final JsonNode SHARED = Golden.json("update", "case.json");

  final JsonNode shared = SHARED;
  final JsonNode config;
  final SafetensorsFile file;
  final int microBatch = SHARED.get("micro_batch").asInt();
  final int samples;
  final int steps;
  final double rate;

  GoldenUpdate(String name) {
    config = SHARED.get("cases").get(name);
    file = Golden.tensors("update", name + ".safetensors");
    samples = file.floats("rewards").length;
    steps = file.floats("logp_old").length / samples;
    rate = config.get("lr").asDouble();
  }

  StepKind kind() {
    return StepKind.valueOf(config.get("kind").asText().toUpperCase(Locale.ROOT));
  }

  LossConfig loss() {
    return new LossConfig(
        Clip.of(config.get("clip").asDouble()),
        KlPenalty.FLOW_GRPO,
        config.get("beta").asDouble(),
        false,
        Staleness.NONE,
        0);
  }

  AdamConfig optimizer() {
    return new AdamConfig(
        rate,
        config.get("betas").get(0).asDouble(),
        config.get("betas").get(1).asDouble(),
        config.get("eps").asDouble(),
        config.get("weight_decay").asDouble());
  }

  /** Micro-batches of the reference between two optimizer updates. */
  int microBatchesOfAnUpdate() {
    return config.get("accumulation").asInt() / steps;
  }

  /** Place of each sample's prompt. */
  int[] prompts() {
    long[] index = file.longs("prompt_index");
    return IntStream.range(0, index.length).map(i -> (int) index[i]).toArray();
  }

  String prompt(int sample) {
    return shared.get("prompts").get(prompts()[sample]).asText();
  }

  /** The limited advantage of each of these samples. */
  double[] advantages(int... chosen) {
    float[] all = file.floats("advantages");
    double limit = config.get("advantage_limit").asDouble();
    return IntStream.of(chosen)
        .mapToDouble(i -> Math.max(-limit, Math.min(limit, all[i * steps])))
        .toArray();
  }

  /** The trained steps of these samples, which are all of this prompt. */
  Trajectory trajectory(PromptEmbeddings prompt, int... chosen) {
    long[] shape = file.info("latents").shape();
    int first = config.get("window").get(0).asInt();
    return new Trajectory(
        IntStream.range(0, steps).map(t -> first + t).toArray(),
        new int[] {(int) shape[2], (int) shape[3], (int) shape[4]},
        latents(chosen),
        new float[0],
        stepMajor(file.floats("logp_old"), chosen),
        prompt);
  }

  /** Each step begins where the one before it ended, so these are one more than there are steps. */
  private float[] latents(int... chosen) {
    float[] before = stepMajor(file.floats("latents"), chosen);
    float[] after = stepMajor(file.floats("next_latents"), chosen);
    int size = before.length / steps;
    float[] all = Arrays.copyOf(before, before.length + size);
    System.arraycopy(after, 0, all, size, after.length);
    assertArrayEquals(before, Arrays.copyOf(all, before.length));
    return all;
  }

  /** Samples of a (samples, T, D) array as (T, B, D). */
  private float[] stepMajor(float[] all, int[] chosen) {
    int elements = all.length / (samples * steps);
    float[] out = new float[steps * chosen.length * elements];
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < chosen.length; i++) {
        int from = (chosen[i] * steps + t) * elements;
        System.arraycopy(all, from, out, (t * chosen.length + i) * elements, elements);
      }
    }
    return out;
  }

  /** Norm of the gradients of an update before they are clipped. */
  float norm(int update) {
    return Golden.scalar(file, "update." + update + ".norm");
  }

  void checkGradient(int update, String name, float[] actual) {
    float[] expected = file.floats("update." + update + ".grad." + PEFT + name);
    // True gradients of zero are rounding noise; see the golden README.
    double bound = Math.max(GRADIENT * FlowStepsGoldenTest.largest(expected), 1e-7);
    assertClose("gradient " + update + " of " + name, expected, actual, bound);
  }

  void checkWeights(NamedTensors weights, int updates) {
    String key = "update." + (updates - 1) + ".weight.";
    weights.asMap().forEach((n, t) -> checkWeights("weight", key, n, t.values(), updates));
  }

  void checkAverage(int interval, NamedTensors average, int updates) {
    String key = "ema." + interval + ".";
    for (Map.Entry<String, NamedTensors.Tensor> one : average.asMap().entrySet()) {
      checkWeights("average", key, one.getKey(), one.getValue().values(), updates);
    }
  }

  /**
   * Fails unless weights after {@code updates} updates agree: closely where all gradients so far
   * were well above rounding, else within the full steps that Adam takes along rounding noise.
   */
  private void checkWeights(String what, String key, String name, float[] actual, int updates) {
    float[] expected = file.floats(key + PEFT + name);
    double close = 1e-6 + 0.01 * updates * rate;
    for (int i = 0; i < expected.length; i++) {
      double bound = wellAboveRounding(name, updates, i) ? close : 2 * updates * rate;
      assertEquals(expected[i], actual[i], bound, what + " " + name + " element " + i);
    }
  }

  private boolean wellAboveRounding(String name, int updates, int i) {
    return IntStream.range(0, updates)
        .mapToObj(u -> file.floats("update." + u + ".grad." + PEFT + name))
        .allMatch(g -> Math.abs(g[i]) > Math.max(1e-6, 0.01 * FlowStepsGoldenTest.largest(g)));
  }
}
