package io.atelier.learner.grpo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.AwmLoss;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.MatchingSamples;
import io.atelier.learner.loss.StepLoss;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.NoisedLatents;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.Latents;
import io.atelier.rollout.sampler.VelocityField;
import java.util.List;
import java.util.Optional;

/**
 * Gradients of {@link AwmLoss} with respect to the trained weights. Noise of the row's level is
 * added to the clean latents of a group, and the network runs one forward and one backward pass.
 * Level and noise are drawn from streams keyed by the run's seed, the group, the sample and the
 * row, so they are the same wherever and however often they are drawn.
 */
final class MatchingGradient implements BatchGradient {
  private final NDManager scope;
  private final TrainedPart part;
  private final VelocityField field;
  private final VelocityField base;
  private final SigmaSchedule schedule;
  private final AwmConfig config;
  private final GroupNoise noise;
  private final AwmLoss loss;

  /**
   * @param part trained part, attached to the network of {@code field} and collecting gradients
   * @param base velocities of the reference policy, while {@code part} is detached
   * @param schedule noise levels of the sampler
   * @param noise the run's randomness
   */
  MatchingGradient(
      NDManager scope,
      TrainedPart part,
      VelocityField field,
      VelocityField base,
      SigmaSchedule schedule,
      AwmConfig config,
      GroupNoise noise) {
    this.scope = scope;
    this.part = part;
    this.field = field;
    this.base = base;
    this.schedule = schedule;
    this.config = config;
    this.noise = noise;
    this.loss = new AwmLoss(config);
  }

  /** Noised latents of a row, on the network's device. */
  private record Row(NDArray latents, NDArray target, float sigma, float timestep) {}

  private Row row(NDManager work, GroupId id, int from, Trajectory slice, int k) {
    int step = config.times().step(noise, id, k);
    float[] clean = slice.latents();
    float[] drawn = new float[clean.length];
    int elements = slice.elements();
    for (int i = 0; i < slice.samples(); i++) {
      noise.stream(Purpose.FORWARD_NOISE, id, from + i, k)
          .fillNormal(drawn, i * elements, elements);
    }
    NoisedLatents noised = new NoisedLatents(clean.length);
    noised.set(0, clean, drawn, schedule.sigma(step));
    return new Row(
        Latents.of(work, noised.latents(), slice.latentShape()),
        Latents.of(work, noised.velocities(), slice.latentShape()),
        schedule.sigma(step),
        schedule.timestep(step));
  }

  @Override
  public List<LossTerms> accumulate(Conditions conditions, MicroBatch batch, Trajectory whole) {
    Trajectory slice = MicroBatches.slice(whole, batch.from(), batch.to());
    return Torch.withGradients(
        true,
        () -> {
          try (NDManager work = scope.newSubManager()) {
            Row row = row(work, batch.id(), batch.from(), slice, batch.row());
            Optional<NDArray> reference =
                config.klWeight() > 0
                    ? Optional.of(reference(work, row, conditions))
                    : Optional.empty();
            VelocityField.Evaluation now =
                field.evaluate(work, row.latents(), row.timestep(), conditions);
            StepLoss.Outcome outcome =
                loss.of(
                    new MatchingSamples(
                        row.sigma(),
                        row.target(),
                        now.velocity(),
                        reference,
                        batch.proximal(),
                        batch.advantages()),
                    batch.weight());
            now.backward(outcome.gradient());
            return outcome.terms();
          }
        });
  }

  private NDArray reference(NDManager work, Row row, Conditions conditions) {
    return part.without(() -> base.velocity(work, row.latents(), row.timestep(), conditions));
  }

  @Override
  public float[] logProbs(Conditions conditions, GroupId id, int from, Trajectory slice) {
    int batch = slice.samples();
    float[] logProbs = new float[config.times().count() * batch];
    for (int k = 0; k < config.times().count(); k++) {
      try (NDManager work = scope.newSubManager()) {
        Row row = row(work, id, from, slice, k);
        NDArray velocity = field.velocity(work, row.latents(), row.timestep(), conditions);
        float[] own = loss.logProbs(row.sigma(), row.target(), velocity);
        System.arraycopy(own, 0, logProbs, k * batch, batch);
      }
    }
    return logProbs;
  }
}
