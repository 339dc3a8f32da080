package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Draws a group: one prompt, G images, one chunk per network call. The policy is the model's
 * velocity network with its trained part; it starts as the base model.
 */
public final class GroupSampler implements Generator {
  private final NDManager scope;
  private final Mmdit network;
  private final RolloutConfig config;
  private final GroupNoise noise;
  private final int[] shape;
  private final TrainedPart part;
  private final PromptConditions prompts;
  private final LatentPath path;
  private final LatentDecoder decoder;
  private final boolean completions;
  private NamedTensors held = new NamedTensors(Map.of());

  /**
   * @param parent parent of the sampler's own scope, which it closes
   * @param model its network is used by this sampler only and was loaded for {@code trained}
   * @param trained the part of the network that {@link #load} replaces
   * @param noise the run's randomness
   * @param keepMeans whether trajectories hold the means of their steps
   * @param completions whether the states before trained steps are also denoised to the end
   */
  public GroupSampler(
      NDManager parent,
      DiffusionModel model,
      Trained trained,
      RolloutConfig config,
      GroupNoise noise,
      boolean keepMeans,
      boolean completions) {
    this.shape = model.latentShape(config.height(), config.width());
    this.scope = parent.newSubManager();
    this.network = model.network();
    this.config = config;
    this.noise = noise;
    this.part = new TrainedPart(scope, model.network(), trained);
    this.prompts =
        new PromptConditions(scope, model.text(), config.guidance() != 1, config.promptCache());
    this.path =
        new LatentPath(
            new VelocityField(model.network(), config.guidance()),
            model.schedule(config.steps()),
            config.kind(),
            config.noiseLevel(),
            config.latents(),
            config.chunk(),
            keepMeans);
    this.completions = completions;
    this.decoder = new LatentDecoder(model.vae(), config.decodeBatch());
    if (!config.mergeAdapter()) {
      this.part.attach();
    }
  }

  @Override
  public Held load(NamedTensors policy) {
    part.weights().load(policy);
    if (config.mergeAdapter()) {
      part.merge();
    }
    NamedTensors before = held;
    held = part.weights().export();
    return Held.of(before, held);
  }

  @Override
  public Sampled sample(GroupId id, Prompt prompt) {
    int elements = shape[0] * shape[1] * shape[2];
    int copies = config.sharedStart() ? config.groupSize() : 1;
    float[] start =
        noise.normals(Purpose.INITIAL_LATENT, id, 0, config.groupSize() / copies, elements);
    Conditions conditions = prompts.of(prompt.text());
    try (NDManager work = scope.newSubManager()) {
      LatentPath.Result result =
          path.run(
              work,
              start,
              copies,
              shape,
              conditions,
              config.window().start(noise, id.step()),
              config.window().length(),
              step -> noise.normals(Purpose.STEP_NOISE, id, step, config.groupSize(), elements));
      Images images = decoder.decode(result.latents());
      Trajectory trajectory =
          config.kind().stochastic()
              ? result.trajectory()
              : Trajectory.ofClean(shape.clone(), Host.floats(result.latents()));
      List<Images> drawn =
          completions ? completions(work, result.trajectory(), conditions) : List.of();
      return new Sampled(images, drawn, trajectory.withPrompt(conditions.embeddings()));
    } finally {
      network.trimMemory();
    }
  }

  private List<Images> completions(NDManager work, Trajectory trajectory, Conditions conditions) {
    List<Images> drawn = new ArrayList<>();
    for (int t = 0; t < trajectory.steps(); t++) {
      boolean shared = t == 0 && config.sharedStart();
      float[] states = trajectory.before(t);
      try (NDManager own = work.newSubManager()) {
        NDArray end =
            path.complete(
                own,
                shared ? Arrays.copyOf(states, trajectory.elements()) : states,
                shape,
                trajectory.stepIndex()[t],
                conditions);
        drawn.add(decoder.decode(end));
      }
    }
    return drawn;
  }

  @Override
  public void close() {
    part.detach();
    scope.close();
  }
}
