package io.atelier.actors.cli.option;

import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options for drawing images of a prompt. */
public final class DrawOptions {

  /** The limit of Stable Diffusion 3 too. */
  private static final int LONGEST_T5 = 512;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Decides the noise, 0 to 2^64 - 1 (default: ${DEFAULT-VALUE}).",
      converter = Converters.SeedConverter.class,
      defaultValue = "0")
  private long seed;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Denoising steps (default: ${DEFAULT-VALUE}).",
      defaultValue = "28")
  private int steps;

  @Option(
      names = "--guidance",
      paramLabel = "G",
      description = "Guidance scale, 1 for none (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private double guidance;

  @Option(
      names = "--height",
      description = "Rows in pixels (default: what the model was made for).")
  private Optional<Integer> height;

  @Option(names = "--width", description = "Columns in pixels (default: the same as --height).")
  private Optional<Integer> width;

  @Option(
      names = "--t5-length",
      description = "Tokens that T5 reads, where there is one (default: ${DEFAULT-VALUE}).",
      defaultValue = "256")
  private int t5Length;

  public long seed() {
    return seed;
  }

  public GroupNoise noise() {
    return new GroupNoise(seed);
  }

  /** Tokens that T5 reads of a prompt; {@link #settings} checks it. */
  public int t5Length() {
    return t5Length;
  }

  /**
   * Returns the settings of the sampler.
   *
   * @param count images that are drawn at once
   * @throws IllegalArgumentException with one line that says what the model cannot draw
   */
  public ImageSampler.Settings settings(PipelineFolder model, int count) {
    if (t5Length < 1 || t5Length > LONGEST_T5) {
      throw new IllegalArgumentException(
          "--t5-length %d must be 1 to %d, the longest text that T5 was made for"
              .formatted(t5Length, LONGEST_T5));
    }
    int rows = height.orElseGet(model::sampleSize);
    int columns = width.orElse(rows);
    DiffusionModel.latentShape(model.transformerConfig(), model.vaeConfig(), rows, columns);
    return new ImageSampler.Settings(count, rows, columns, steps, guidance);
  }
}
