package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.PolicyGradient;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.optim.Ema;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.VelocityField;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two optimizer updates of an adapter, from trajectories and rewards to weights. */
@Tag("golden")
class UpdateGoldenTest {
  private static final double RATIO = 1e-6;
  private static final double FRACTION = 1e-6;

  @ParameterizedTest
  @ValueSource(strings = {"cps", "sde_kl"})
  void shouldGiveTheAdvantages(String name) {
    GoldenUpdate golden = new GoldenUpdate(name);
    float[] rewards = golden.file.floats("rewards");
    double[] values = IntStream.range(0, rewards.length).mapToDouble(i -> rewards[i]).toArray();
    Spread spread = golden.config.get("global_std").asBoolean() ? Spread.BATCH : Spread.GROUP;
    double[] actual =
        Advantages.of(
            AdvantageConfig.of(Weighting.GRPO, spread, 5),
            values,
            golden.prompts(),
            OptionalDouble.empty());
    float[] expected = golden.file.floats("advantages");
    int steps = expected.length / actual.length;
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i / steps], 1e-6 * Math.max(1, Math.abs(expected[i])));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cps", "sde_kl"})
  void shouldUpdateLikeTheReference(String name) {
    try (NDManager scope = Torch.newScope();
        Run run = new Run(scope, new GoldenUpdate(name))) {
      run.all();
    }
  }

  private static final class Run implements AutoCloseable {
    final GoldenUpdate golden;
    final NDManager scope;
    final DiffusionModel model;
    final TrainedPart adapter;
    final Optimizer trainer;
    final PolicyGradient gradient;
    final Map<Integer, Ema> averages = new TreeMap<>();

    Run(NDManager scope, GoldenUpdate golden) {
      this.scope = scope;
      this.golden = golden;
      model = GoldenPrompts.model(scope, golden.shared);
      LoraWeights lora = LoraFile.read(Golden.path("update", "lora"), Golden.maps("sd35-tiny"));
      adapter =
          new TrainedPart(scope, model.network(), AdapterConfig.of(lora.rank(), lora.alpha()));
      double limit = golden.config.get("ema_limit").asDouble();
      trainer =
          new Optimizer(
              adapter.weights(),
              lora.tensors(),
              golden.optimizer(),
              golden.config.get("norm").asDouble(),
              limit,
              1);
      adapter.weights().train();
      adapter.attach();
      gradient =
          new PolicyGradient(
              scope,
              adapter,
              new VelocityField(model.network(), golden.shared.get("guidance").asDouble()),
              new VelocityField(model.network(), golden.shared.get("guidance").asDouble()),
              model.schedule(golden.shared.get("steps").asInt()),
              golden.kind(),
              golden.config.get("level").asDouble(),
              golden.loss());
      for (String key : golden.file.names()) {
        if (key.startsWith("ema.")) {
          int interval = Integer.parseInt(key.split("\\.")[1]);
          averages.computeIfAbsent(interval, i -> new Ema(limit, i, lora.tensors()));
        }
      }
    }

    void all() {
      int perUpdate = golden.microBatchesOfAnUpdate();
      int size = golden.microBatch;
      int update = 0;
      for (int b = 0; b < golden.samples / size; b++) {
        double weight = 1.0 / (golden.config.get("accumulation").asInt() * size);
        int[] chosen = IntStream.range(b * size, (b + 1) * size).toArray();
        List<List<LossTerms>> terms =
            gradient.accumulate(
                conditions(chosen),
                golden.trajectory(PromptEmbeddings.NONE, chosen),
                golden.advantages(chosen),
                new float[0],
                weight);
        for (int j = 0; j < golden.steps; j++) {
          checkTerms("micro." + b + "." + j + ".", terms.get(j));
        }
        if ((b + 1) % perUpdate == 0) {
          checkGradients(update);
          trainer.collect();
          double norm = trainer.step(1);
          assertEquals(golden.norm(update), norm, 1e-4 * golden.norm(update));
          update++;
          golden.checkWeights(trainer.weights(), update);
        }
        assertEquals(
            golden.config.get("ema_log").get(b).get("step_seen_by_average").asInt(),
            trainer.updates());
        average();
      }
      assertTrue(update > 1);
      averages.forEach(
          (interval, ema) -> golden.checkAverage(interval, ema.average(), trainer.updates()));
    }

    private void average() {
      Map<String, float[]> weights = new TreeMap<>();
      trainer.weights().asMap().forEach((name, tensor) -> weights.put(name, tensor.values()));
      averages.values().forEach(ema -> ema.update(trainer.updates(), weights));
    }

    private void checkTerms(String key, List<LossTerms> terms) {
      float[] ratio = golden.file.floats(key + "ratio");
      float[] logProb = golden.file.floats(key + "logp");
      for (int i = 0; i < terms.size(); i++) {
        assertEquals(ratio[i], terms.get(i).ratio(), RATIO, key + "ratio");
        assertEquals(logProb[i], terms.get(i).logProb(), 2e-6, key + "logp");
      }
      near(key + "policy_loss", terms, LossTerms::policy, 5e-6);
      near(key + "loss", terms, LossTerms::loss, 5e-6);
      if (golden.config.get("beta").asDouble() > 0) {
        float kl = scalar(golden.file, key + "kl_loss");
        near(key + "kl_loss", terms, LossTerms::kl, 1e-3 * kl);
      }
      float approxKl = scalar(golden.file, key + "approx_kl");
      near(key + "approx_kl", terms, LossTerms::approxKl, 0.05 * approxKl + 1e-12);
      near(key + "clipfrac_gt_one", terms, t -> t.above() ? 1 : 0, FRACTION);
      near(key + "clipfrac_lt_one", terms, t -> t.below() ? 1 : 0, FRACTION);
      near(key + "clipfrac", terms, t -> t.above() || t.below() ? 1 : 0, FRACTION);
    }

    private void near(
        String key, List<LossTerms> terms, ToDoubleFunction<LossTerms> part, double bound) {
      double mean = terms.stream().mapToDouble(part).average().orElseThrow();
      assertEquals(scalar(golden.file, key), mean, bound, key);
    }

    /** What the network has collected. */
    private void checkGradients(int update) {
      adapter
          .weights()
          .gradients()
          .asMap()
          .forEach((name, tensor) -> golden.checkGradient(update, name, tensor.values()));
    }

    private Conditions conditions(int[] chosen) {
      List<String> texts = IntStream.of(chosen).mapToObj(golden::prompt).toList();
      return GoldenPrompts.conditions(scope, model, golden.shared.get("negative").asText(), texts);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
