package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.PromptConditions;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.toy.GradientSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The golden updates taken as a learner step takes them: groups of one prompt, cut into
 * micro-batches, each with its weight in the loss. The reference's batches mix prompts; the sums
 * are the same.
 */
@Tag("golden")
class LearnerStepGoldenTest {

  @ParameterizedTest(name = "{0}, groups of one prompt: {1}, chunk {2}")
  @CsvSource({
    "cps, true, 0",
    "cps, true, 1",
    "cps, false, 0",
    "sde_kl, true, 0",
    "sde_kl, true, 1",
    "sde_kl, false, 0"
  })
  void shouldGiveTheGradientsAndWeightsOfTheReference(String name, boolean byPrompt, int chunk) {
    GoldenUpdate golden = new GoldenUpdate(name);
    int ofAnUpdate = golden.microBatchesOfAnUpdate() * golden.microBatch;
    int updates = golden.samples / ofAnUpdate;
    List<ScoredGroup> groups = new ArrayList<>();
    try (NDManager scope = Torch.newScope();
        DiffusionModel model = GoldenPrompts.model(scope, golden.shared)) {
      PromptConditions prompts = new PromptConditions(scope, model.text(), true, 8);
      for (int u = 0; u < updates; u++) {
        int[] samples = IntStream.range(u * ofAnUpdate, (u + 1) * ofAnUpdate).toArray();
        groups(golden, samples, byPrompt)
            .forEach(chosen -> groups.add(group(prompts, golden, chosen, groups)));
      }
    }
    long sizes = groups.stream().map(group -> group.reward().length).distinct().count();
    Golden.requireOrSkip(sizes == 1, "a step of equally many samples of each prompt");
    try (NDManager scope = Torch.newScope();
        PolicyUpdate learner = learner(scope, golden, groups, updates, chunk)) {
      PolicyStep step = learner.begin(0, groups);
      double norms = 0;
      int update = 0;
      Optional<List<MicroBatch>> batches = step.next();
      for (; batches.isPresent(); batches = step.next()) {
        GradientSum sum = new GradientSum();
        for (MicroBatch batch : batches.get()) {
          Gradient gradient = learner.gradient(batch, groups.get(batch.group()).trajectory());
          sum.add(gradient);
          step.add(gradient);
        }
        int u = update++;
        sum.gradients().forEach((weight, values) -> golden.checkGradient(u, weight, values));
        assertEquals(golden.norm(u), norm(sum), 1e-4 * golden.norm(u), "norm " + u);
        norms += golden.norm(u) / updates;
        step.apply();
        golden.checkWeights(learner.weights(), update);
      }
      assertTrue(update > 1);
      assertEquals(norms, step.measurements().get("policy/gradient-norm"), 1e-4 * norms);
    }
  }

  /** The samples of each prompt, or each sample for itself. */
  private static List<int[]> groups(GoldenUpdate golden, int[] samples, boolean byPrompt) {
    SortedMap<Integer, int[]> groups = new TreeMap<>();
    for (int sample : samples) {
      groups.merge(
          byPrompt ? golden.prompts()[sample] : sample,
          new int[] {sample},
          (a, b) -> IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray());
    }
    return List.copyOf(groups.values());
  }

  /** A group whose rewards are the advantages of the reference; see {@link Weighting#RWR}. */
  private static ScoredGroup group(
      PromptConditions prompts, GoldenUpdate golden, int[] chosen, List<ScoredGroup> before) {
    double[] advantages = golden.advantages(chosen);
    float[] rewards = new float[chosen.length];
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = (float) advantages[i];
    }
    Prompt prompt = new Prompt(golden.prompts()[chosen[0]], golden.prompt(chosen[0]));
    GroupId id = new GroupId(0, before.size());
    PromptEmbeddings embeddings = prompts.of(prompt.text()).embeddings();
    return new ScoredGroup(
        id, prompt, golden.trajectory(embeddings, chosen), rewards, new float[0][], 0, 0);
  }

  private static PolicyUpdate learner(
      NDManager scope, GoldenUpdate golden, List<ScoredGroup> groups, int updates, int chunk) {
    JsonNode shared = golden.shared;
    JsonNode config = golden.config;
    int first = config.get("window").get(0).asInt();
    RolloutConfig rollout =
        new RolloutConfig(
            groups.get(0).reward().length,
            chunk,
            64,
            64,
            shared.get("steps").asInt(),
            shared.get("guidance").asDouble(),
            golden.kind(),
            config.get("level").asDouble(),
            new TrainedWindow(golden.steps, first, first + golden.steps),
            false,
            false,
            1,
            8,
            LatentType.FLOAT32);
    PolicyConfig policy =
        new PolicyConfig(
            AdvantageConfig.of(
                Weighting.RWR, Spread.BATCH, config.get("advantage_limit").asDouble()),
            golden.loss(),
            Optional.empty(),
            golden.optimizer(),
            config.get("norm").asDouble(),
            config.get("ema_limit").asDouble(),
            1,
            updates,
            0,
            0,
            FlatGroups.KEEP,
            GradientCheckpointing.AUTO);
    LoraWeights lora = LoraFile.read(Golden.path("update", "lora"), Golden.maps("sd35-tiny"));
    PolicyUpdate learner =
        new PolicyUpdate(
            scope,
            Denoiser.load(scope, new PipelineFolder(Golden.path("sd35-tiny"))),
            AdapterConfig.of(lora.rank(), lora.alpha()),
            rollout,
            policy,
            new GroupNoise(1));
    Map<String, Tensor> state = new TreeMap<>(learner.state().asMap());
    lora.tensors().asMap().forEach((name, t) -> assertTrue(state.put("weight." + name, t) != null));
    lora.tensors().asMap().forEach((name, t) -> state.put("average." + name, t));
    learner.restore(new NamedTensors(state));
    return learner;
  }

  private static double norm(GradientSum sum) {
    double square = 0;
    for (float[] values : sum.gradients().values()) {
      for (float value : values) {
        square += (double) value * value;
      }
    }
    return Math.sqrt(square);
  }
}
