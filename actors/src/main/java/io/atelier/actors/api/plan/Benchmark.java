package io.atelier.actors.api.plan;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.port.Clock;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.grpo.FirstWeights;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.GroupSampler;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the speed of sampling and training, where a run spends its time, on one group. */
public final class Benchmark {

  private static final Prompt PROMPT = new Prompt(0, "a red fox");
  private static final GroupId GROUP = new GroupId(0, 0);
  private static final long SEED = 1;
  private static final int WARM_UP = 3;
  private static final String SAMPLING = "sampling";

  /**
   * @param group images per prompt
   * @param steps denoising steps
   * @param trained denoising steps that are trained
   * @param guidance guidance scale
   * @param rank rank of the adapter; its alpha is twice that
   * @param pixels rows and columns of an image
   * @param repeats measurements, after {@value #WARM_UP} for warm-up of the JVM
   */
  public record Sizes(
      int group, int steps, int trained, double guidance, int rank, int pixels, int repeats) {
    public Sizes {
      if (repeats < 1) {
        throw new IllegalArgumentException("repeats must be at least 1, got " + repeats);
      }
    }

    /** Branches of the guidance, 1 or 2. */
    int branches() {
      return VelocityField.branches(guidance);
    }
  }

  /**
   * The result of a measurement.
   *
   * @param bench {@code sampling} or {@code training}
   * @param unit {@code images_per_s} or {@code sample_steps_per_s}
   * @param perRepeat images or sample steps in one measurement
   * @param seconds time of each measurement
   * @param sizes of the measurement
   * @param threads native threads of one operation
   */
  public record Result(
      String bench, String unit, long perRepeat, double[] seconds, Sizes sizes, int threads) {

    public double median() {
      double[] sorted = speeds();
      int middle = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public double min() {
      return speeds()[0];
    }

    public double max() {
      return speeds()[seconds.length - 1];
    }

    boolean isSampling() {
      return bench.equals(SAMPLING);
    }

    /**
     * Median time per latent through the network; in training each counts three times for the
     * backward pass.
     */
    double secondsPerLatent() {
      double latents = sizes.group() * (double) sizes.branches();
      latents *= isSampling() ? sizes.steps() : 3 * sizes.trained();
      return perRepeat / median() / latents;
    }

    private double[] speeds() {
      return Arrays.stream(seconds).map(s -> perRepeat / s).sorted().toArray();
    }

    /** The result as a flat map, as printed. */
    public Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("bench", bench);
      map.put("unit", unit);
      map.put("median", median());
      map.put("min", min());
      map.put("max", max());
      map.put("repeats", sizes.repeats());
      map.put("group", sizes.group());
      map.put("steps", sizes.steps());
      map.put("trained", sizes.trained());
      map.put("guidance", sizes.guidance());
      map.put("rank", sizes.rank());
      map.put("pixels", sizes.pixels());
      map.put("threads", threads);
      return map;
    }
  }

  private final PipelineFolder folder;
  private final Sizes sizes;
  private final Clock clock;
  private final AdapterConfig adapter;

  public Benchmark(PipelineFolder folder, Sizes sizes, Clock clock) {
    this.folder = folder;
    this.sizes = sizes;
    this.clock = clock;
    this.adapter = AdapterConfig.of(sizes.rank(), 2.0 * sizes.rank());
  }

  /**
   * Measures sampling the images of one prompt with the adapter merged, network and autoencoder.
   */
  public Result sampling() {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope();
        DiffusionModel model = DiffusionModel.load(scope, folder, ComputeFactory.T5_LENGTH);
        GroupSampler sampler = sampler(scope, model, true)) {
      return new Result(
          SAMPLING,
          "images_per_s",
          sizes.group(),
          timed(() -> sampler.sample(GROUP, PROMPT)),
          sizes,
          Torch.threads());
    }
  }

  /** Measures updates of the adapter on one group. */
  public Result training() {
    ScoredGroup group = group();
    Torch.enter(true);
    try (NDManager scope = Torch.newScope();
        PolicyUpdate update =
            new PolicyUpdate(
                scope,
                Denoiser.load(scope, folder),
                adapter,
                rollout(false),
                PolicyConfig.DEFAULT,
                new GroupNoise(SEED))) {
      return new Result(
          "training",
          "sample_steps_per_s",
          (long) sizes.group() * sizes.trained(),
          timed(() -> update.update(0, List.of(group))),
          sizes,
          Torch.threads());
    }
  }

  /** A group as sampled by the policy to be trained, with arbitrary rewards. */
  private ScoredGroup group() {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope();
        DiffusionModel model = DiffusionModel.load(scope, folder, ComputeFactory.T5_LENGTH);
        GroupSampler sampler = sampler(scope, model, false)) {
      Trajectory trajectory = sampler.sample(GROUP, PROMPT).trajectory();
      float[] rewards =
          new GroupNoise(SEED).normals(Purpose.EVALUATION, GROUP, 0, 1, sizes.group());
      return new ScoredGroup(GROUP, PROMPT, trajectory, rewards, new float[0][], 0, 0);
    }
  }

  private GroupSampler sampler(NDManager scope, DiffusionModel model, boolean merged) {
    GroupNoise noise = new GroupNoise(SEED);
    GroupSampler sampler =
        new GroupSampler(scope, model, adapter, rollout(merged), noise, false, false);
    sampler.load(FirstWeights.gaussian(model.network().config(), adapter, noise));
    return sampler;
  }

  private RolloutConfig rollout(boolean merged) {
    return new RolloutConfig(
        sizes.group(),
        0,
        sizes.pixels(),
        sizes.pixels(),
        sizes.steps(),
        sizes.guidance(),
        StepKind.CPS,
        0.8,
        TrainedWindow.first(sizes.trained()),
        false,
        merged,
        sizes.group(),
        1,
        LatentType.FLOAT32);
  }

  private double[] timed(Runnable action) {
    for (int i = 0; i < WARM_UP; i++) {
      action.run();
    }
    double[] seconds = new double[sizes.repeats()];
    for (int i = 0; i < seconds.length; i++) {
      long start = clock.nanos();
      action.run();
      seconds[i] = (clock.nanos() - start) / 1e9;
    }
    return seconds;
  }
}
