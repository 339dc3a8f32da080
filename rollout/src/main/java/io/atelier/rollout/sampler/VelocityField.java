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
import io.atelier.models.tensor.TorchOps;

/**
 * The guided velocity {@code v = v_u + g (v_c - v_u)} of a batch of latents, both branches in one
 * network call, unconditional first. Sampling and training both go through here, so that they give
 * the same bits.
 */
public final class VelocityField {

  /**
   * A differentiable network call. It lives as long as the scope it was made in.
   *
   * @param velocity guided velocities, (B, channels, height, width), detached from the graph
   * @param branches velocities of both branches, (2 B, channels, height, width), unconditional
   *     first, detached from the graph; {@code velocity} where there is one branch
   */
  public record Evaluation(
      NDArray velocity, NDArray branches, Differentiable output, boolean guided, double guidance) {

    /**
     * Back-propagates into the weights that collect gradients.
     *
     * @param upstream gradient of the loss with respect to {@link #velocity}, float64
     */
    public void backward(NDArray upstream) {
      try (NDManager scope = upstream.getManager().newSubManager();
          NDArray both =
              guided
                  ? TorchOps.call("guided_gradient", upstream, Host.toNative(scope, guidance))
                  : TorchOps.call("float32", upstream)) {
        output.backward(both);
      }
    }
  }

  private final Mmdit network;
  private final double guidance;
  private final GradientCheckpointing checkpointing;

  /**
   * A field without gradients.
   *
   * @param guidance scale g, which needs conditions with both branches; 1 for none
   */
  public VelocityField(Mmdit network, double guidance) {
    this(network, guidance, GradientCheckpointing.OFF);
  }

  /**
   * @param guidance scale g, which needs conditions with both branches; 1 for none
   * @param checkpointing whether gradients are computed with gradient checkpointing
   */
  public VelocityField(Mmdit network, double guidance, GradientCheckpointing checkpointing) {
    this.network = network;
    this.guidance = guidance;
    this.checkpointing = checkpointing;
  }

  /** Number of branches of a guidance scale: 2, or 1 without guidance. */
  public static int branches(double guidance) {
    return guidance == 1 ? 1 : 2;
  }

  /**
   * Guided velocities, without gradient.
   *
   * @param scope will own them
   * @param latents (B, channels, height, width), float32
   * @param timestep noise level times 1000, for all latents
   * @throws ArithmeticException if they are not finite
   */
  public NDArray velocity(NDManager scope, NDArray latents, float timestep, Conditions conditions) {
    NDArray velocity = unchecked(scope, latents, timestep, conditions);
    requireFinite(velocity, timestep);
    return velocity;
  }

  /**
   * The same, unchecked: the caller has to call {@link #requireFiniteSum} on the sum before it uses
   * the final result.
   */
  NDArray unchecked(NDManager parent, NDArray latents, float timestep, Conditions conditions) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager scope = parent.newSubManager()) {
            NDArray velocity = call(scope, latents, timestep, conditions).velocity();
            velocity.attach(parent);
            return velocity;
          }
        });
  }

  /**
   * As {@link #velocity}, keeping the graph if the calling thread computes gradients.
   *
   * @param scope owns everything that is computed
   */
  public Evaluation evaluate(
      NDManager scope, NDArray latents, float timestep, Conditions conditions) {
    Evaluation evaluation = call(scope, latents, timestep, conditions);
    requireFinite(evaluation.velocity(), timestep);
    return evaluation;
  }

  private Evaluation call(NDManager scope, NDArray latents, float timestep, Conditions conditions) {
    if (latents.getShape().get(0) % conditions.prompts() != 0) {
      throw new IllegalArgumentException(
          "latents %s are not as many for each of %d prompts"
              .formatted(latents.getShape(), conditions.prompts()));
    }
    boolean guided = conditions.guided();
    if (!guided && guidance != 1) {
      throw new IllegalArgumentException(
          "guidance %s needs the empty prompt's rows, but the conditions of %d prompts have none"
              .formatted(guidance, conditions.prompts()));
    }
    NDArray x = guided ? TorchOps.call("twice", latents) : latents.duplicate();
    x.attach(scope);
    NDArray times = scope.full(new Shape(conditions.rows()), timestep, DataType.FLOAT32);
    Differentiable output = output(x, times, conditions);
    NDArray branches = output.velocity().stopGradient();
    branches.attach(scope);
    NDArray velocity =
        guided ? TorchOps.call("guided", branches, Host.toNative(scope, guidance)) : branches;
    return new Evaluation(velocity, branches, output, guided, guidance);
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

  private static void requireFinite(NDArray velocity, float timestep) {
    try (NDArray sum = TorchOps.call("sum", velocity)) {
      requireFiniteSum(sum, timestep);
    }
  }

  /**
   * Fails if velocities are not finite: a single non-finite value makes their sum non-finite.
   *
   * @param sum of all velocities of a call
   */
  static void requireFiniteSum(NDArray sum, float timestep) {
    float value = Host.floats(sum)[0];
    if (!Float.isFinite(value)) {
      throw new ArithmeticException(
          "the velocities at timestep %s add up to %s: the policy's weights have diverged"
              .formatted(timestep, value));
    }
  }
}
