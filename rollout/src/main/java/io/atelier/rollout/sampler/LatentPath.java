package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Denoises a batch of latents, step by step, and records the trained steps. All latents take a step
 * before any takes the next one, some or all in each network call.
 */
public final class LatentPath {

  /**
   * Where a path ended.
   *
   * @param latents latents at noise level 0, (B, D) row-major
   * @param trajectory the trained steps
   */
  public record Result(float[] latents, Trajectory trajectory) {}

  private final VelocityField field;
  private final SigmaSchedule schedule;
  private final StepKind kind;
  private final double noiseLevel;
  private final LatentType type;
  private final int chunk;
  private final boolean keepMeans;

  /**
   * @param field evaluated once for each chunk and step
   * @param kind how trained steps are taken
   * @param noiseLevel noise level a of the trained steps
   * @param type of the latents before and after trained steps
   * @param chunk latents of a network call, which are then of one prompt; 0 for all
   * @param keepMeans whether the trajectory holds the means of its steps
   */
  public LatentPath(
      VelocityField field,
      SigmaSchedule schedule,
      StepKind kind,
      double noiseLevel,
      LatentType type,
      int chunk,
      boolean keepMeans) {
    this.field = field;
    this.schedule = schedule;
    this.kind = kind;
    this.noiseLevel = noiseLevel;
    this.type = type;
    this.chunk = chunk;
    this.keepMeans = keepMeans;
  }

  /**
   * Runs all steps.
   *
   * @param start latents at noise level 1, (B / copies, D) row-major
   * @param copies latents that each of them becomes at the first trained step; 1 without such
   * @param shape (channels, height, width) of a latent
   * @param windowStart first trained step
   * @param windowLength number of trained steps; 0 for a deterministic path
   * @param noise standard normals (B, D) for a trained step, by denoising step
   */
  public Result run(
      NDManager scope,
      float[] start,
      int copies,
      int[] shape,
      Conditions conditions,
      int windowStart,
      int windowLength,
      IntFunction<float[]> noise) {
    int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int size = Math.multiplyExact(start.length, copies);
    int batch = size / elements;
    float[] kept = new float[windowLength == 0 ? 0 : (windowLength + 1) * size];
    float[] mean = new float[keepMeans ? windowLength * size : 0];
    float[] logProb = new float[windowLength * batch];
    float[] x = start.clone();
    for (int step = 0; step < schedule.steps(); step++) {
      if (step == windowStart) {
        x = repeat(x, elements, copies);
        type.round(x);
      }
      float[] v = velocity(scope, x, shape, schedule.timestep(step), conditions);
      float[] next = new float[x.length];
      int trained = step - windowStart;
      if (trained >= 0 && trained < windowLength) {
        StepKernel kernel = StepKernel.of(kind, schedule, step, noiseLevel);
        kernel.next(x, v, noise.apply(step), 0, size, next);
        type.round(next);
        System.arraycopy(x, 0, kept, trained * size, size);
        System.arraycopy(next, 0, kept, (trained + 1) * size, size);
        if (keepMeans) {
          float[] means = new float[size];
          kernel.mean(x, v, 0, size, means);
          System.arraycopy(means, 0, mean, trained * size, size);
        }
        for (int i = 0; i < batch; i++) {
          logProb[trained * batch + i] = kernel.logProb(x, v, next, i * elements, elements);
        }
      } else {
        StepKernel.of(StepKind.ODE, schedule, step, 0).next(x, v, x, 0, x.length, next);
      }
      x = next;
    }
    int[] steps = new int[windowLength];
    Arrays.setAll(steps, i -> windowStart + i);
    return new Result(
        x, new Trajectory(steps, shape.clone(), kept, mean, logProb, PromptEmbeddings.NONE));
  }

  private float[] velocity(
      NDManager scope, float[] x, int[] shape, float timestep, Conditions conditions) {
    int length = chunk * shape[0] * shape[1] * shape[2];
    if (length == 0 || x.length <= length) {
      return field.velocity(scope, x, shape, timestep, conditions);
    }
    if (x.length % length != 0 || conditions.prompts() != 1) {
      throw new IllegalArgumentException(
          "%d values of %d prompts are no chunks of %d latents %s"
              .formatted(x.length, conditions.prompts(), chunk, Arrays.toString(shape)));
    }
    float[] all = new float[x.length];
    for (int from = 0; from < x.length; from += length) {
      float[] part = Arrays.copyOfRange(x, from, from + length);
      float[] v = field.velocity(scope, part, shape, timestep, conditions);
      System.arraycopy(v, 0, all, from, length);
    }
    return all;
  }

  private static float[] repeat(float[] rows, int width, int copies) {
    float[] repeated = new float[rows.length * copies];
    for (int at = 0; at < repeated.length; at += width) {
      System.arraycopy(rows, at / (width * copies) * width, repeated, at, width);
    }
    return repeated;
  }
}
