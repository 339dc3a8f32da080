package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Denoises a batch of latents, step by step, and records the trained steps. All latents take a step
 * before any takes the next one; each network call takes some or all of them.
 */
public final class LatentPath {

  /**
   * The result of a path.
   *
   * @param latents latents at noise level 0, (B, channels, height, width) float32
   * @param trajectory the trained steps
   */
  public record Result(NDArray latents, Trajectory trajectory) {}

  /** The first trained step of a path without trained steps. */
  private static final int NO_STEP = -1;

  private final VelocityField field;
  private final SigmaSchedule schedule;
  private final StepKind kind;
  private final double noiseLevel;
  private final LatentType type;
  private final int chunk;
  private final boolean keepMeans;

  /**
   * @param field evaluated once for each chunk and step
   * @param kind kind of the trained steps
   * @param noiseLevel noise level a of the trained steps
   * @param type type of the latents before and after trained steps
   * @param chunk latents per network call, all of one prompt; 0 for all latents
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
   * Runs all steps. Latents stay on the network's device; the trajectory's values are copied from
   * there at each trained step.
   *
   * @param scope will own the final latents
   * @param start latents at noise level 1, (B / copies, D) row-major
   * @param copies number of copies made of each at the first trained step; 1 if there is none
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
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager whole = scope.newSubManager()) {
            NDArray x = Latents.of(whole, start, shape);
            Kept kept =
                new Kept(
                    windowLength,
                    Math.toIntExact(x.getShape().get(0) * copies),
                    Math.multiplyExact(start.length, copies));
            x = steps(whole, x, 0, copies, conditions, windowStart, kept, noise);
            x.attach(scope);
            return new Result(x, kept.trajectory(windowStart, shape));
          }
        });
  }

  /**
   * Runs the remaining steps without noise, from an intermediate state.
   *
   * @param scope will own the final latents
   * @param state latents before step {@code first}, (B, D) row-major
   * @param shape (channels, height, width) of a latent
   * @param first denoising step to begin with
   * @return latents at noise level 0, (B, channels, height, width) float32
   */
  public NDArray complete(
      NDManager scope, float[] state, int[] shape, int first, Conditions conditions) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager whole = scope.newSubManager()) {
            NDArray x = Latents.of(whole, state, shape);
            Kept nothing = new Kept(0, 0, 0);
            x = steps(whole, x, first, 1, conditions, NO_STEP, nothing, step -> new float[0]);
            x.attach(scope);
            return x;
          }
        });
  }

  private NDArray steps(
      NDManager whole,
      NDArray start,
      int first,
      int copies,
      Conditions conditions,
      int windowStart,
      Kept kept,
      IntFunction<float[]> noise) {
    NDArray x = start;
    NDArray[] sums = new NDArray[schedule.steps()];
    for (int step = first; step < schedule.steps(); step++) {
      try (NDManager work = whole.newSubManager()) {
        x.attach(work);
        if (step == windowStart) {
          x = type.round(copies == 1 ? x : x.repeat(0, copies));
        }
        NDArray v = velocity(work, x, schedule.timestep(step), conditions);
        sums[step] = TorchOps.call("sum", v);
        sums[step].attach(whole);
        int trained = step - windowStart;
        x =
            trained >= 0 && trained < kept.steps
                ? trainedStep(step, x, v, noise.apply(step), trained, kept)
                : StepKernel.of(StepKind.ODE, schedule, step, 0).mean(x, v);
        x.attach(whole);
      }
    }
    // Checked last, so that steps need not wait: after a non-finite value none is finite again.
    for (int step = first; step < sums.length; step++) {
      VelocityField.requireFiniteSum(sums[step], schedule.timestep(step));
    }
    return x;
  }

  private NDArray trainedStep(
      int step, NDArray x, NDArray v, float[] noise, int trained, Kept kept) {
    StepKernel kernel = StepKernel.of(kind, schedule, step, noiseLevel);
    NDArray mean = kernel.mean(x, v);
    NDArray drawn = Host.toNative(x.getManager(), noise, x.getShape().getShape());
    NDArray next = type.round(kernel.next(mean, drawn));
    if (trained == 0) {
      kept.latents(0, x);
    }
    kept.latents(trained + 1, next);
    if (keepMeans) {
      kept.mean(trained, mean);
    }
    kept.logProbs(trained, kernel.logProbs(mean, next));
    return next;
  }

  private NDArray velocity(NDManager work, NDArray x, float timestep, Conditions conditions) {
    int batch = Math.toIntExact(x.getShape().get(0));
    if (chunk == 0 || batch <= chunk) {
      return field.unchecked(work, x, timestep, conditions);
    }
    if (batch % chunk != 0 || conditions.prompts() != 1) {
      throw new IllegalArgumentException(
          "latents %s of %d prompts do not divide into chunks of %d latents of one prompt"
              .formatted(x.getShape(), conditions.prompts(), chunk));
    }
    NDList all = new NDList();
    for (int from = 0; from < batch; from += chunk) {
      NDArray part = Latents.part(work, x, from, from + chunk);
      all.add(field.unchecked(work, part, timestep, conditions));
    }
    return NDArrays.concat(all, 0);
  }

  /** The arrays of a trajectory, while they are filled. */
  private final class Kept {
    private final int steps;
    private final int size;
    private final float[] latents;
    private final float[] mean;
    private final float[] logProb;

    Kept(int steps, int batch, int size) {
      this.steps = steps;
      this.size = size;
      this.latents = new float[steps == 0 ? 0 : Math.multiplyExact(steps + 1, size)];
      this.mean = new float[keepMeans ? steps * size : 0];
      this.logProb = new float[steps * batch];
    }

    void latents(int at, NDArray values) {
      System.arraycopy(Host.floats(values), 0, latents, at * size, size);
    }

    void mean(int step, NDArray values) {
      System.arraycopy(Host.floats(values), 0, mean, step * size, size);
    }

    void logProbs(int step, NDArray values) {
      float[] own = Host.floats(values);
      System.arraycopy(own, 0, logProb, step * own.length, own.length);
    }

    Trajectory trajectory(int first, int[] shape) {
      int[] index = IntStream.range(first, first + steps).toArray();
      return new Trajectory(index, shape.clone(), latents, mean, logProb, PromptEmbeddings.NONE);
    }
  }
}
