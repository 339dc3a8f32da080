package io.atelier.tests.memory;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.rollout.Generator.Sampled;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.GroupSampler;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Program of a process of its own: samples groups, encodes their images and trains on each of them,
 * and prints its resident memory in KiB after every so many groups. The heap has a fixed size and
 * is touched from the start, so only native memory can make a difference.
 */
final class GroupLoop {
  private static final int SAMPLES = 2;
  private static final AdapterConfig ADAPTER = AdapterConfig.of(4, 8);

  private GroupLoop() {}

  /** Arguments: model folder, groups in all, groups between two measurements. */
  public static void main(String[] args) throws IOException {
    PipelineFolder folder = new PipelineFolder(Path.of(args[0]));
    int groups = Integer.parseInt(args[1]);
    int every = Integer.parseInt(args[2]);
    GroupNoise noise = new GroupNoise(1);
    RolloutConfig rollout =
        new RolloutConfig(
            SAMPLES,
            0,
            32,
            32,
            2,
            4.5,
            StepKind.SDE,
            0.7,
            TrainedWindow.first(1),
            false,
            false,
            1,
            3,
            LatentType.FLOAT32);
    LossConfig loss =
        new LossConfig(Clip.of(1e-4), KlPenalty.VELOCITY, 0.01, false, Staleness.DECOUPLED, 0);
    PolicyConfig defaults = PolicyConfig.DEFAULT;
    PolicyConfig policy =
        new PolicyConfig(
            defaults.advantage(),
            loss,
            Optional.empty(),
            defaults.optimizer(),
            1,
            0.9,
            1,
            1,
            0,
            0,
            FlatGroups.KEEP,
            GradientCheckpointing.AUTO);
    try (NDManager scope = Torch.newScope();
        DiffusionModel sampled = DiffusionModel.load(scope, folder, 16);
        OnnxEncoder encoder = OnnxEncoder.lite0(new EncoderConfig(32, Filter.BICUBIC, 1, SAMPLES));
        GroupSampler sampler =
            new GroupSampler(scope, sampled, ADAPTER, rollout, noise, false, true);
        PolicyUpdate learner =
            new PolicyUpdate(
                scope, Denoiser.load(scope, folder), ADAPTER, rollout, policy, noise)) {
      for (int n = 1; n <= groups; n++) {
        run(sampler, encoder, learner, noise, n);
        if (n % every == 0) {
          System.gc(); // frees the direct buffers that arrays were copied through
          System.out.println(n + " " + residentKib());
        }
      }
    }
  }

  private static void run(
      GroupSampler sampler, OnnxEncoder encoder, PolicyUpdate learner, GroupNoise noise, int n) {
    GroupId id = new GroupId(n, 0);
    int index = n / 5 % 7; // more than the cache holds
    Prompt prompt = new Prompt(index, "prompt " + index);
    sampler.load(learner.weights());
    Sampled drawn = sampler.sample(id, prompt);
    encoder.encode(drawn.images());
    float[] reward = noise.stream(Purpose.CRITIC_SCORE, id).normals(SAMPLES);
    ScoredGroup group =
        new ScoredGroup(id, prompt, drawn.trajectory(), reward, new float[0][], n, n);
    if (n % 2 == 0) {
      learner.update(n, List.of(group));
    } else {
      updateFromElsewhere(learner, n, group);
    }
    learner.state();
  }

  /** With gradients as they come from elsewhere. */
  private static void updateFromElsewhere(PolicyUpdate learner, int n, ScoredGroup group) {
    PolicyStep step = learner.begin(n, List.of(group));
    for (MicroBatch batch : step.next().orElseThrow()) {
      step.add(learner.gradient(batch, group.trajectory()));
    }
    step.apply();
  }

  /** Resident memory of this process that is no file's. */
  static long residentKib() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
