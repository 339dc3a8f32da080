package io.atelier.actors.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunPlanTest {

  private static RunPlan plan(String model, String... keys) {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    String path =
        model.equals("emoji64") ? model : root.resolve("tests/golden").resolve(model).toString();
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.path=" + path,
                "rollout.height=64",
                "rollout.width=64",
                "run.threads=1",
                "rollout.merge-adapter=false",
                "workers.gradient=0"));
    all.addAll(List.of(keys));
    return Atelier.plan(TrainConfig.load("dev", all.toArray(String[]::new)));
  }

  /**
   * Values by network, as the headers of the files have them, times four bytes; of text encoders
   * bytes, since a large matrix of half precision stays as it is. Who draws has all of a model, the
   * learner only its network. The critic has one autoencoder while its references pass through.
   */
  @ParameterizedTest
  @CsvSource({
    "emoji64, 7850176, 1674963, 4430336", // 1082624 of its text encoders stay in half precision
    "sd3-tiny, 124736, 116955, 636352",
    "sd35-tiny, 148224, 95963, 637248"
  })
  void shouldCountEveryNetworkThatIsLoaded(String model, long network, long vae, long text) {
    long copy = 4 * (network + vae) + text;
    String[] alone = {"workers.rollout=1", "evaluation.every=0", "data.through-vae=false"};
    long learner = 4 * network;
    assertEquals(copy + learner, plan(model, alone).weightBytes(), "one sampler and the learner");
    List<String> helped = new ArrayList<>(List.of(alone));
    helped.add("workers.gradient=2");
    long three = plan(model, helped.toArray(String[]::new)).weightBytes();
    assertEquals(copy + 3 * learner, three, "two gradient workers beside the learner");
    RunPlan plan = plan(model, "workers.rollout=3", "evaluation.every=5", "data.through-vae=true");
    assertEquals(4 * copy + learner + 4 * vae, plan.weightBytes(), "samplers, learner, evaluator");
    String fixed = "reward.adversarial.weight=0";
    RunPlan jpeg = plan(model, "workers.rollout=1", fixed, "reward.jpeg.weight=1");
    assertEquals(2 * copy + learner, jpeg.weightBytes(), "without a critic no references pass");
    String line = plan.lines().stream().filter(l -> l.startsWith("memory")).findFirst().get();
    String copies = "5 copies of the network (%.1f MiB) and 4 of the autoencoder";
    assertTrue(line.contains(copies.formatted(4 * network / 1048576.0)), line);
  }

  @Test
  void shouldCountMergedWeightsOfEverySampler() {
    // width 32: two attentions in blocks 0 and 1, one in block 2, each with q, k and v as one
    // weight
    String[] keys = {"workers.rollout=2", "model.adapter.targets=[attn.to_q, attn2.to_q]"};
    long apart = plan("sd35-tiny", keys).weightBytes();
    List<String> merged = new ArrayList<>(List.of(keys));
    merged.add("rollout.merge-adapter=true");
    long together = plan("sd35-tiny", merged.toArray(String[]::new)).weightBytes();
    assertEquals(2 * 5 * 3 * 32 * 32 * 4, together - apart);
  }

  @ParameterizedTest
  @CsvSource({"0, 4.5, 16", "0, 1, 8", "2, 4.5, 4", "1, 1, 1"})
  void shouldEstimateActivationsOfAMicroBatch(int microBatch, double guidance, int rows) {
    RunPlan plan =
        plan(
            "sd35-tiny",
            "rollout.group-size=8",
            "rollout.guidance=" + guidance,
            "learner.micro-batch=" + microBatch,
            "rollout.height=64",
            "rollout.width=64");
    // 4 x 4 patches, 77 CLIP and 128 T5 tokens, width 32; two blocks of three with two attentions
    assertEquals(4L * rows * (16 + 77 + 128) * 32 * (36 + 2 * 48), plan.activationBytes());
  }

  @ParameterizedTest
  @CsvSource({"1, 768, 3840", "2, 384, 3840", "4, 192, 3840"})
  void shouldSetUpdatesAgainstTheAlternatingLoopByTheStep(int updates, int own, int alternating) {
    RunPlan plan =
        plan(
            "emoji64",
            "learner.groups-per-step=48",
            "rollout.group-size=16",
            "learner.updates-per-step=" + updates);
    assertEquals(own, plan.imagesPerUpdate());
    String line = plan.lines().stream().filter(l -> l.startsWith("run")).findFirst().get();
    assertTrue(line.contains("%d for each update".formatted(own)), line);
    assertTrue(line.contains("would take %d)".formatted(alternating)), line);
  }
}
