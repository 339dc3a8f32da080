package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static io.atelier.tests.golden.Golden.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.AdapterTrainer;
import io.atelier.learner.grpo.PolicyGradient;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Ema;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two optimizer updates of an adapter, from trajectories and rewards to weights. */
@Tag("golden")
class UpdateGoldenTest {
  private static final String PEFT = "base_model.model.";
  private static final double RATIO = 1e-6;
  private static final double FRACTION = 1e-6;
  private static final double GRADIENT = 1e-4;

  private final JsonNode shared = Golden.json("update", "case.json");

  @ParameterizedTest
  @ValueSource(strings = {"cps", "sde_kl"})
  void shouldGiveTheAdvantages(String name) {
    JsonNode config = shared.get("cases").get(name);
    SafetensorsFile file = Golden.tensors("update", name + ".safetensors");
    float[] rewards = file.floats("rewards");
    double[] values = IntStream.range(0, rewards.length).mapToDouble(i -> rewards[i]).toArray();
    int[] groups = prompts(file);
    Spread spread = config.get("global_std").asBoolean() ? Spread.BATCH : Spread.GROUP;
    double[] actual =
        Advantages.of(
            new AdvantageConfig(Weighting.GRPO, spread, 5), values, groups, OptionalDouble.empty());
    float[] expected = file.floats("advantages");
    int steps = expected.length / actual.length;
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i / steps], 1e-6 * Math.max(1, Math.abs(expected[i])));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cps", "sde_kl"})
  void shouldUpdateLikeTheReference(String name) {
    try (NDManager scope = Torch.newScope();
        Run run = new Run(scope, name)) {
      run.all();
    }
  }

  private static int[] prompts(SafetensorsFile file) {
    long[] index = file.longs("prompt_index");
    return IntStream.range(0, index.length).map(i -> (int) index[i]).toArray();
  }

  private final class Run implements AutoCloseable {
    final JsonNode config;
    final SafetensorsFile file;
    final NDManager scope;
    final DiffusionModel model;
    final MmditAdapter adapter;
    final AdapterTrainer trainer;
    final PolicyGradient gradient;
    final Map<Integer, Ema> averages = new TreeMap<>();
    final int microBatch = shared.get("micro_batch").asInt();
    final int samples;
    final int steps;
    final double rate;

    Run(NDManager scope, String name) {
      this.scope = scope;
      config = shared.get("cases").get(name);
      file = Golden.tensors("update", name + ".safetensors");
      model = GoldenPrompts.model(scope, shared);
      LoraWeights lora = LoraFile.read(Golden.path("update", "lora"));
      adapter =
          new MmditAdapter(scope, model.network(), AdapterConfig.of(lora.rank(), lora.alpha()));
      rate = config.get("lr").asDouble();
      trainer =
          new AdapterTrainer(
              adapter,
              lora.tensors(),
              new AdamConfig(
                  rate,
                  config.get("betas").get(0).asDouble(),
                  config.get("betas").get(1).asDouble(),
                  config.get("eps").asDouble(),
                  config.get("weight_decay").asDouble()),
              config.get("norm").asDouble(),
              config.get("ema_limit").asDouble(),
              1);
      adapter.train();
      adapter.attach();
      gradient =
          new PolicyGradient(
              scope,
              adapter,
              new VelocityField(model.network(), shared.get("guidance").asDouble()),
              model.schedule(shared.get("steps").asInt()),
              StepKind.valueOf(config.get("kind").asText().toUpperCase(Locale.ROOT)),
              config.get("level").asDouble(),
              new LossConfig(
                  Clip.of(config.get("clip").asDouble()),
                  KlPenalty.FLOW_GRPO,
                  config.get("beta").asDouble(),
                  false,
                  Staleness.NONE,
                  0));
      for (String key : file.names()) {
        if (key.startsWith("ema.")) {
          int interval = Integer.parseInt(key.split("\\.")[1]);
          averages.computeIfAbsent(
              interval, i -> new Ema(config.get("ema_limit").asDouble(), i, lora.tensors()));
        }
      }
      samples = file.floats("rewards").length;
      steps = file.floats("logp_old").length / samples;
    }

    void all() {
      int accumulation = config.get("accumulation").asInt();
      int perUpdate = accumulation / steps;
      int update = 0;
      for (int b = 0; b < samples / microBatch; b++) {
        double weight = 1.0 / (accumulation * microBatch);
        List<List<LossTerms>> terms =
            gradient.accumulate(conditions(b), trajectory(b), advantages(b), new float[0], weight);
        for (int j = 0; j < steps; j++) {
          checkTerms("micro." + b + "." + j + ".", terms.get(j));
        }
        if ((b + 1) % perUpdate == 0) {
          double norm = trainer.step(gradients(update), 1);
          float expected = scalar(file, "update." + update + ".norm");
          assertEquals(expected, norm, 1e-4 * expected);
          update++;
          checkWeights(update);
        }
        assertEquals(
            config.get("ema_log").get(b).get("step_seen_by_average").asInt(), trainer.updates());
        average();
      }
      assertTrue(update > 1);
      averages.forEach(
          (interval, ema) ->
              ema.average()
                  .asMap()
                  .forEach(
                      (name, t) ->
                          checkWeights(
                              "average",
                              "ema." + interval + ".",
                              name,
                              t.values(),
                              trainer.updates())));
    }

    private void average() {
      Map<String, float[]> weights = new TreeMap<>();
      trainer.weights().asMap().forEach((name, tensor) -> weights.put(name, tensor.values()));
      averages.values().forEach(ema -> ema.update(trainer.updates(), weights));
    }

    private void checkTerms(String key, List<LossTerms> terms) {
      float[] ratio = file.floats(key + "ratio");
      float[] logProb = file.floats(key + "logp");
      for (int i = 0; i < terms.size(); i++) {
        assertEquals(ratio[i], terms.get(i).ratio(), RATIO, key + "ratio");
        assertEquals(logProb[i], terms.get(i).logProb(), 2e-6, key + "logp");
      }
      near(key + "policy_loss", terms, LossTerms::policy, 5e-6);
      near(key + "loss", terms, LossTerms::loss, 5e-6);
      if (config.get("beta").asDouble() > 0) {
        float kl = scalar(file, key + "kl_loss");
        near(key + "kl_loss", terms, LossTerms::kl, 1e-3 * kl);
      }
      float approxKl = scalar(file, key + "approx_kl");
      near(key + "approx_kl", terms, LossTerms::approxKl, 0.05 * approxKl + 1e-12);
      near(key + "clipfrac_gt_one", terms, t -> t.above() ? 1 : 0, FRACTION);
      near(key + "clipfrac_lt_one", terms, t -> t.below() ? 1 : 0, FRACTION);
      near(key + "clipfrac", terms, t -> t.above() || t.below() ? 1 : 0, FRACTION);
    }

    private void near(
        String key, List<LossTerms> terms, ToDoubleFunction<LossTerms> part, double bound) {
      double mean = terms.stream().mapToDouble(part).average().orElseThrow();
      assertEquals(scalar(file, key), mean, bound, key);
    }

    /** What the network has collected, once it is checked. */
    private SortedMap<String, float[]> gradients(int update) {
      SortedMap<String, float[]> gradients = new TreeMap<>();
      adapter
          .gradients()
          .asMap()
          .forEach(
              (name, tensor) -> {
                float[] actual = tensor.values();
                gradients.put(name, actual);
                float[] expected = file.floats("update." + update + ".grad." + PEFT + name);
                double largest = FlowStepsGoldenTest.largest(expected);
                // True gradients of zero are rounding noise; see the golden README.
                double bound = Math.max(GRADIENT * largest, 1e-7);
                assertClose("gradient " + update + " of " + name, expected, actual, bound);
              });
      adapter.clearGradients();
      return gradients;
    }

    private void checkWeights(int updates) {
      String key = "update." + (updates - 1) + ".weight.";
      trainer
          .weights()
          .asMap()
          .forEach((name, t) -> checkWeights("weight", key, name, t.values(), updates));
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

    private double[] advantages(int b) {
      float[] all = file.floats("advantages");
      double limit = config.get("advantage_limit").asDouble();
      return IntStream.range(b * microBatch, (b + 1) * microBatch)
          .mapToDouble(i -> Math.max(-limit, Math.min(limit, all[i * steps])))
          .toArray();
    }

    private Conditions conditions(int b) {
      int[] prompts = prompts(file);
      List<String> texts = new ArrayList<>();
      for (int i = b * microBatch; i < (b + 1) * microBatch; i++) {
        texts.add(shared.get("prompts").get(prompts[i]).asText());
      }
      return GoldenPrompts.conditions(scope, model, shared.get("negative").asText(), texts);
    }

    private Trajectory trajectory(int b) {
      long[] shape = file.info("latents").shape();
      int first = config.get("window").get(0).asInt();
      return new Trajectory(
          IntStream.range(0, steps).map(t -> first + t).toArray(),
          new int[] {(int) shape[2], (int) shape[3], (int) shape[4]},
          stepMajor(file.floats("latents"), b),
          stepMajor(file.floats("next_latents"), b),
          new float[0],
          stepMajor(file.floats("logp_old"), b));
    }

    /** The micro-batch's part of a (samples, T, D) array as (T, B, D). */
    private float[] stepMajor(float[] all, int b) {
      int elements = all.length / (samples * steps);
      float[] out = new float[steps * microBatch * elements];
      for (int t = 0; t < steps; t++) {
        for (int i = 0; i < microBatch; i++) {
          int from = ((b * microBatch + i) * steps + t) * elements;
          System.arraycopy(all, from, out, (t * microBatch + i) * elements, elements);
        }
      }
      return out;
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
