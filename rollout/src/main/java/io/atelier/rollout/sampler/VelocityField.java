package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.sd3.Differentiable;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import java.util.Arrays;

/**
 * The guided velocity {@code v = v_u + g (v_c - v_u)} of a batch of latents, both branches in one
 * network call, unconditional first. Sampling and training both go through here, so that they give
 * the same bits.
 */
public final class VelocityField {

  /**
   * A network call that can be differentiated. Lives as long as the scope it was made in.
   *
   * @param velocity guided velocities, (B, D) row-major
   */
  public record Evaluation(
      float[] velocity, Differentiable output, boolean guided, double guidance) {

    /**
     * Back-propagates into the weights that collect gradients.
     *
     * @param upstream gradient of the loss with respect to {@link #velocity}
     */
    public void backward(double[] upstream) {
      float[] both = new float[guided ? 2 * upstream.length : upstream.length];
      int conditional = both.length - upstream.length;
      for (int i = 0; i < upstream.length; i++) {
        if (guided) {
          both[i] = (float) ((1 - guidance) * upstream[i]);
        }
        both[conditional + i] = (float) ((guided ? guidance : 1) * upstream[i]);
      }
      NDArray branches = output.velocity();
      try (NDManager scope = branches.getManager().newSubManager()) {
        output.backward(Host.toNative(scope, both, branches.getShape().getShape()));
      }
    }
  }

  private final Mmdit network;
  private final double guidance;
  private final GradientCheckpointing checkpointing;

  /**
   * One that is not differentiated.
   *
   * @param guidance scale g, which needs conditions with both branches; 1 for none
   */
  public VelocityField(Mmdit network, double guidance) {
    this(network, guidance, GradientCheckpointing.OFF);
  }

  /**
   * @param guidance scale g, which needs conditions with both branches; 1 for none
   * @param checkpointing whether gradients are computed by gradient checkpointing
   */
  public VelocityField(Mmdit network, double guidance, GradientCheckpointing checkpointing) {
    this.network = network;
    this.guidance = guidance;
    this.checkpointing = checkpointing;
  }

  /** Branches that a guidance scale takes: 2, or 1 without guidance. */
  public static int branches(double guidance) {
    return guidance == 1 ? 1 : 2;
  }

  /**
   * Guided velocities, without gradient.
   *
   * @param latents (B, D) row-major
   * @param shape (channels, height, width) of a latent, D in all
   * @param timestep noise level times 1000, for all latents
   */
  public float[] velocity(
      NDManager parent, float[] latents, int[] shape, float timestep, Conditions conditions) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager scope = parent.newSubManager()) {
            return evaluate(scope, latents, shape, timestep, conditions).velocity();
          }
        });
  }

  /**
   * As {@link #velocity}, keeping the graph if the calling thread computes gradients.
   *
   * @param scope owns everything that is computed
   */
  public Evaluation evaluate(
      NDManager scope, float[] latents, int[] shape, float timestep, Conditions conditions) {
    int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int batch = latents.length / elements;
    if (batch * elements != latents.length || batch % conditions.prompts() != 0) {
      throw new IllegalArgumentException(
          "%d values are no batch of latents %s for %d prompts"
              .formatted(latents.length, Arrays.toString(shape), conditions.prompts()));
    }
    boolean guided = conditions.guided();
    if (!guided && guidance != 1) {
      throw new IllegalArgumentException(
          "guidance %s needs the empty prompt's rows, but the conditions of %d prompts have none"
              .formatted(guidance, conditions.prompts()));
    }
    float[] both = guided ? twice(latents) : latents;
    NDArray x = Host.toNative(scope, both, both.length / elements, shape[0], shape[1], shape[2]);
    NDArray times = scope.full(new Shape(conditions.rows()), timestep, DataType.FLOAT32);
    Differentiable output = output(x, times, conditions);
    float[] branches = Host.floats(output.velocity());
    float[] velocity = guided ? combine(branches) : branches;
    requireFinite(velocity, timestep);
    return new Evaluation(velocity, output, guided, guidance);
  }

  private Differentiable output(NDArray x, NDArray times, Conditions conditions) {
    NDArray context = conditions.context();
    int repeats = conditions.lastRepeats();
    return Torch.isRecording() && checkpointing.applies(kept(x, context))
        ? network.checkpointed(x, times, context, repeats, conditions.pooled())
        : Differentiable.of(network.forward(x, times, context, repeats, conditions.pooled()));
  }

  /** Bytes that a pass would keep without checkpointing. */
  private long kept(NDArray x, NDArray context) {
    long[] shape = x.getShape().getShape();
    long patch = network.config().patchSize();
    long tokens = shape[2] / patch * (shape[3] / patch) + context.getShape().get(1);
    return GradientCheckpointing.bytes(
        network.config(), shape[0], tokens, network.weights().isPacked());
  }

  private static float[] twice(float[] latents) {
    float[] both = Arrays.copyOf(latents, 2 * latents.length);
    System.arraycopy(latents, 0, both, latents.length, latents.length);
    return both;
  }

  private float[] combine(float[] branches) {
    float[] guided = new float[branches.length / 2];
    for (int i = 0; i < guided.length; i++) {
      double unconditional = branches[i];
      guided[i] =
          (float) (unconditional + guidance * (branches[guided.length + i] - unconditional));
    }
    return guided;
  }

  private static void requireFinite(float[] velocity, float timestep) {
    for (float v : velocity) {
      if (!Float.isFinite(v)) {
        throw new ArithmeticException(
            "the velocity at timestep %s is %s: the policy's weights have diverged"
                .formatted(timestep, v));
      }
    }
  }
}
