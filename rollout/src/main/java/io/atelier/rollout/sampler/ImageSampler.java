package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.Host;
import io.atelier.models.vision.Images;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Draws images for viewing or evaluation: deterministic Euler steps only, with the adapter, if any,
 * merged into the network if that computes in float32. Not thread-safe.
 */
public final class ImageSampler implements AutoCloseable {
  private static final int DECODE_BATCH = 16;

  /**
   * @param count images of the prompt, at least 1
   * @param height rows of an image, in pixels
   * @param width columns of an image, in pixels
   * @param steps denoising steps, at least 1
   * @param guidance scale g of classifier-free guidance, at least 1; 1 is none
   * @param rewards rewards requested of the images; empty for a model without reward conditions
   */
  public record Settings(
      int count,
      int height,
      int width,
      int steps,
      double guidance,
      Optional<RewardTarget> rewards) {

    /** Without rewards. */
    public Settings(int count, int height, int width, int steps, double guidance) {
      this(count, height, width, steps, guidance, Optional.empty());
    }

    /** The same settings with rewards. */
    public Settings asking(Optional<RewardTarget> target) {
      return new Settings(count, height, width, steps, guidance, target);
    }

    public Settings {
      if (count < 1 || steps < 1 || !(guidance >= 1) || Double.isInfinite(guidance)) {
        throw new IllegalArgumentException(
            "sampling needs count >= 1, steps >= 1 and guidance >= 1 (1 is none), got %d, %d and %s"
                .formatted(count, steps, guidance));
      }
      if (count > GroupNoise.SAMPLES_MAX || steps > GroupNoise.DENOISING_STEPS_MAX) {
        throw new IllegalArgumentException(
            "sampling takes at most count %d and steps %d, got %d and %d"
                .formatted(GroupNoise.SAMPLES_MAX, GroupNoise.DENOISING_STEPS_MAX, count, steps));
      }
    }
  }

  /**
   * Drawn images and their latents.
   *
   * @param images the images
   * @param shape (channels, height, width) of a latent
   * @param initial latents at noise level 1, (count, D) row-major
   * @param end latents at noise level 0, of the same layout
   */
  public record Drawn(Images images, int[] shape, float[] initial, float[] end) {}

  private final NDManager scope;
  private final DiffusionModel model;
  private final Optional<TrainedPart> part;
  private final LatentDecoder decoder;
  private final PromptRows rows;

  /**
   * @param parent parent of the sampler's own scope, which it closes
   * @param model its network is used by this sampler only and was loaded for {@code trained}, if
   *     present
   * @param trained the part of the network that {@link #load} replaces; empty for the unchanged
   *     model
   */
  public ImageSampler(NDManager parent, DiffusionModel model, Optional<Trained> trained) {
    this.scope = parent.newSubManager();
    this.model = model;
    this.part = trained.map(which -> new TrainedPart(scope, model.network(), which));
    this.decoder = new LatentDecoder(model.vae(), DECODE_BATCH);
    this.rows = new PromptRows(scope, model.text());
  }

  /** Replaces the trained weights. */
  public void load(NamedTensors weights) {
    TrainedPart held =
        part.orElseThrow(() -> new IllegalStateException("nothing of this sampler is trained"));
    held.weights().load(weights);
    if (model.network().compute() == ComputeType.FLOAT32) {
      held.merge();
    } else {
      held.attach(); // merging would lose its changes where weights are rounded
    }
  }

  /** Draws from the evaluation noise of {@code group}. */
  public Drawn draw(GroupNoise noise, GroupId group, String prompt, Settings settings) {
    int[] shape = model.latentShape(settings.height(), settings.width());
    int elements = shape[0] * shape[1] * shape[2];
    float[] start = noise.normals(Purpose.EVALUATION, group, 0, settings.count(), elements);
    List<String> texts = List.of(prompt);
    model.text().prepare(List.of("", prompt));
    try (NDManager work = scope.newSubManager()) {
      PromptRows once = new PromptRows(work, model.text());
      NDArray end = denoise(work, start, shape, conditions(work, once, texts, settings), settings);
      return new Drawn(decoder.decode(end), shape, start, Host.floats(end));
    }
  }

  private Conditions conditions(
      NDManager work, PromptRows from, List<String> texts, Settings settings) {
    boolean keepsText = settings.rewards().map(RewardTarget::negativeKeepsText).orElse(false);
    List<String> negative =
        settings.guidance() == 1
            ? List.of()
            : keepsText ? texts : Collections.nCopies(texts.size(), "");
    Conditions plain = from.of(work, negative, texts);
    return settings.rewards().map(target -> target.tell(work, plain, told())).orElse(plain);
  }

  private RewardCondition told() {
    return model
        .rewards()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "this model is not conditioned on rewards; make one by pretrain --rewards"));
  }

  private NDArray denoise(
      NDManager work, float[] start, int[] shape, Conditions conditions, Settings settings) {
    LatentPath path =
        new LatentPath(
            new VelocityField(model.network(), settings.guidance()),
            model.schedule(settings.steps()),
            StepKind.ODE,
            0,
            LatentType.FLOAT32,
            0,
            false);
    return path.run(work, start, 1, shape, conditions, 0, 0, step -> new float[0]).latents();
  }

  /**
   * Draws many prompts, several per network call, from the same noise as {@link #draw}; the last
   * bits differ. All calls have one size, so an image does not depend on the number of prompts.
   * Prompt features are cached.
   *
   * @param groups identify the noise of each prompt
   * @param together prompts per network call, at least 1; the last bits depend on it
   * @return {@code settings.count()} images of each prompt, in their order
   */
  public Images drawAll(
      GroupNoise noise,
      List<GroupId> groups,
      List<String> prompts,
      int together,
      Settings settings) {
    if (groups.size() != prompts.size() || prompts.isEmpty() || together < 1) {
      throw new IllegalArgumentException(
          "%d groups, %d prompts, %d in a call: there must be as many groups as prompts, at least 1 of each"
              .formatted(groups.size(), prompts.size(), together));
    }
    List<String> texts = new ArrayList<>(prompts);
    texts.add("");
    model.text().prepare(texts);
    List<Images> drawn = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += together) {
      int first = from;
      // the last call repeats its last prompt until it is as large as the others
      int[] places =
          IntStream.range(0, together).map(i -> Math.min(first + i, prompts.size() - 1)).toArray();
      Images images = drawTogether(noise, groups, prompts, places, settings);
      int wanted = Math.min(together, prompts.size() - from) * settings.count();
      for (int i = 0; i < wanted; i++) {
        drawn.add(images.get(i));
      }
    }
    return Images.concat(drawn.toArray(Images[]::new));
  }

  private Images drawTogether(
      GroupNoise noise,
      List<GroupId> groups,
      List<String> prompts,
      int[] places,
      Settings settings) {
    int[] shape = model.latentShape(settings.height(), settings.width());
    int elements = shape[0] * shape[1] * shape[2];
    int size = settings.count() * elements;
    float[] start = new float[Math.multiplyExact(places.length, size)];
    for (int i = 0; i < places.length; i++) {
      GroupId group = groups.get(places[i]);
      float[] values = noise.normals(Purpose.EVALUATION, group, 0, settings.count(), elements);
      System.arraycopy(values, 0, start, i * size, size);
    }
    try (NDManager work = scope.newSubManager()) {
      List<String> texts = IntStream.of(places).mapToObj(prompts::get).toList();
      Conditions conditions = conditions(work, rows, texts, settings);
      return decoder.decode(denoise(work, start, shape, conditions, settings));
    }
  }

  @Override
  public void close() {
    part.ifPresent(TrainedPart::detach);
    scope.close();
  }
}
