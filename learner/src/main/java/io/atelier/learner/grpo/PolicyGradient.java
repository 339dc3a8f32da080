package io.atelier.learner.grpo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.Staleness;
import io.atelier.learner.loss.StepLoss;
import io.atelier.learner.loss.StepSamples;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.Latents;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Gradients of {@link StepLoss} with respect to the trained weights, one micro-batch at a time. For
 * each trained step the network runs forward with both branches of the guidance, the loss gives its
 * gradient with respect to the velocities, and one backward pass adds it to the accumulated
 * gradients of the weights. A step's native arrays are freed before the next step.
 */
public final class PolicyGradient implements BatchGradient {
  private final NDManager scope;
  private final TrainedPart part;
  private final VelocityField field;
  private final VelocityField base;
  private final SigmaSchedule schedule;
  private final StepKind kind;
  private final double noiseLevel;
  private final LossConfig config;
  private final StepLoss loss;

  /**
   * @param part trained part, attached to the network of {@code field} and collecting gradients
   * @param base velocities of the reference policy, while {@code part} is detached
   * @param kind kind of the trained steps
   * @param noiseLevel noise level a of the trained steps
   */
  public PolicyGradient(
      NDManager scope,
      TrainedPart part,
      VelocityField field,
      VelocityField base,
      SigmaSchedule schedule,
      StepKind kind,
      double noiseLevel,
      LossConfig config) {
    config.requireFits(kind);
    this.scope = scope;
    this.part = part;
    this.field = field;
    this.base = base;
    this.schedule = schedule;
    this.kind = kind;
    this.noiseLevel = noiseLevel;
    this.config = config;
    this.loss = new StepLoss(config);
  }

  /**
   * Adds the gradient of {@code weight} times the sum of the losses of all samples and steps.
   *
   * @param conditions prompts of the samples
   * @param trajectory trained steps of B samples
   * @param advantages one for each sample, clipped
   * @param proximal log-probabilities at the start of the update, (T, B); empty while the policy
   *     has not moved since, and for all but {@link Staleness#DECOUPLED}
   * @param weight weight of one sample at one step in the whole loss
   * @return loss terms by step, then sample
   */
  public List<List<LossTerms>> accumulate(
      Conditions conditions,
      Trajectory trajectory,
      double[] advantages,
      float[] proximal,
      double weight) {
    return accumulate(conditions, trajectory, advantages, proximal, weight, new double[0]);
  }

  /**
   * @param places amounts added to the advantage at each place, (B, P); or empty
   */
  private List<List<LossTerms>> accumulate(
      Conditions conditions,
      Trajectory trajectory,
      double[] advantages,
      float[] proximal,
      double weight,
      double[] places) {
    List<List<LossTerms>> terms = new ArrayList<>();
    for (int t = 0; t < trajectory.steps(); t++) {
      int step = t;
      terms.add(
          Torch.withGradients(
              true,
              () -> {
                try (NDManager work = scope.newSubManager()) {
                  return step(
                      work, conditions, trajectory, step, advantages, proximal, weight, places);
                }
              }));
    }
    return terms;
  }

  @Override
  public List<LossTerms> accumulate(Conditions conditions, MicroBatch batch, Trajectory whole) {
    Trajectory row = MicroBatches.row(whole, batch.row());
    return accumulate(
            conditions,
            MicroBatches.slice(row, batch.from(), batch.to()),
            batch.advantages(),
            batch.proximal(),
            batch.weight(),
            batch.places())
        .get(0);
  }

  private List<LossTerms> step(
      NDManager work,
      Conditions conditions,
      Trajectory trajectory,
      int t,
      double[] advantages,
      float[] proximal,
      double weight,
      double[] places) {
    int batch = advantages.length;
    int size = batch * trajectory.elements();
    int[] shape = trajectory.latentShape();
    int index = trajectory.stepIndex()[t];
    float timestep = schedule.timestep(index);
    NDArray before = Latents.of(work, trajectory.before(t), shape);
    NDArray after = Latents.of(work, trajectory.after(t), shape);
    Optional<NDArray> oldMean =
        config.needsMeans()
            ? Optional.of(
                Latents.of(
                    work, Arrays.copyOfRange(trajectory.mean(), t * size, (t + 1) * size), shape))
            : Optional.empty();
    Optional<NDArray> reference =
        config.needsReference()
            ? Optional.of(reference(work, before, timestep, conditions))
            : Optional.empty();

    VelocityField.Evaluation now = field.evaluate(work, before, timestep, conditions);
    StepLoss.Outcome outcome =
        loss.of(
            new StepSamples(
                StepKernel.of(kind, schedule, index, noiseLevel),
                before,
                after,
                now.velocity(),
                reference,
                oldMean,
                Arrays.copyOfRange(trajectory.logProb(), t * batch, (t + 1) * batch),
                proximal.length == 0
                    ? proximal
                    : Arrays.copyOfRange(proximal, t * batch, (t + 1) * batch),
                advantages,
                now.guided()
                    ? Optional.of(new StepSamples.Branches(now.branches(), now.guidance()))
                    : Optional.empty(),
                places),
            weight);
    now.backward(outcome.gradient());
    return outcome.terms();
  }

  /** Returns velocities of the reference policy: the network before training. */
  private NDArray reference(NDManager work, NDArray x, float timestep, Conditions conditions) {
    return part.without(() -> base.velocity(work, x, timestep, conditions));
  }

  @Override
  public float[] logProbs(Conditions conditions, GroupId id, int from, Trajectory trajectory) {
    return logProbs(conditions, trajectory);
  }

  /** Returns log-probabilities of the trajectory's steps under the current policy, (T, B). */
  public float[] logProbs(Conditions conditions, Trajectory trajectory) {
    int steps = trajectory.steps();
    int batch = trajectory.samples();
    int[] shape = trajectory.latentShape();
    float[] logProbs = new float[steps * batch];
    for (int t = 0; t < steps; t++) {
      int index = trajectory.stepIndex()[t];
      StepKernel kernel = StepKernel.of(kind, schedule, index, noiseLevel);
      try (NDManager work = scope.newSubManager()) {
        NDArray before = Latents.of(work, trajectory.before(t), shape);
        NDArray after = Latents.of(work, trajectory.after(t), shape);
        NDArray velocity = field.velocity(work, before, schedule.timestep(index), conditions);
        NDArray own = kernel.logProbs(kernel.mean(before, velocity), after);
        System.arraycopy(Host.floats(own), 0, logProbs, t * batch, batch);
      }
    }
    return logProbs;
  }
}
