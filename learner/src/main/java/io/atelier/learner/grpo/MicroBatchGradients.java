package io.atelier.learner.grpo;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.List;
import java.util.Optional;

/** Gradients of micro-batches with respect to the trained weights of a network. */
public final class MicroBatchGradients implements Gradients {

  private final NDManager scope;
  private final Mmdit network;
  private final TrainedPart part;
  private final PolicyConfig config;
  private final BatchGradient gradient;
  private PromptEmbeddings prompt = PromptEmbeddings.NONE;
  private Optional<NDManager> owner = Optional.empty();
  private Conditions conditions;

  /**
   * Starts at the base model: the weights of an adapter are zero until they are loaded.
   *
   * @param parent parent of this object's own scope
   * @param model model whose network only this object uses, loaded for {@code trained}
   * @param trained which weights of the network are trained
   * @param rollout how the groups are sampled
   * @param noise the run's randomness
   */
  public MicroBatchGradients(
      NDManager parent,
      Denoiser model,
      Trained trained,
      RolloutConfig rollout,
      PolicyConfig config,
      GroupNoise noise) {
    config.requireFits(rollout);
    this.config = config;
    this.scope = parent.newSubManager();
    this.network = model.network();
    this.part = new TrainedPart(scope, model.network(), trained);
    part.weights().train();
    if (rollout.mergeAdapter()) {
      part.attachMerged();
    } else {
      part.attach();
    }
    VelocityField field =
        new VelocityField(model.network(), rollout.guidance(), config.checkpointing());
    VelocityField base = new VelocityField(model.reference(), rollout.guidance());
    SigmaSchedule schedule = model.schedule(rollout.steps());
    this.gradient =
        config
            .awm()
            .<BatchGradient>map(
                awm -> new MatchingGradient(scope, part, field, base, schedule, awm, noise))
            .orElseGet(
                () ->
                    new PolicyGradient(
                        scope,
                        part,
                        field,
                        base,
                        schedule,
                        rollout.kind(),
                        rollout.noiseLevel(),
                        config.loss()));
  }

  @Override
  public String load(NamedTensors policy) {
    part.weights().load(policy);
    return part.weights().export().contentHash();
  }

  @Override
  public Gradient of(MicroBatch batch, Trajectory trajectory) {
    List<LossTerms> terms = collect(batch, trajectory);
    return new Gradient(part.weights().gradients(), terms);
  }

  /**
   * Sets the gradients of the weights to those of a micro-batch.
   *
   * @return loss terms, one for each sample
   */
  List<LossTerms> collect(MicroBatch batch, Trajectory trajectory) {
    part.weights().clearGradients();
    List<LossTerms> terms = gradient.accumulate(conditions(trajectory.prompt()), batch, trajectory);
    network.trimMemory();
    return terms;
  }

  /**
   * Returns log-probabilities of a group's rows at the current weights, (rows, G).
   *
   * @param chunk samples that pass through the network at once
   */
  float[] logProbs(GroupId id, Trajectory whole, int chunk) {
    int rows = config.rows(whole.steps());
    int batch = whole.samples();
    float[] logProbs = new float[rows * batch];
    for (int from = 0; from < batch; from += chunk) {
      float[] part =
          gradient.logProbs(
              conditions(whole.prompt()), id, from, MicroBatches.slice(whole, from, from + chunk));
      for (int row = 0; row < rows; row++) {
        System.arraycopy(part, row * chunk, logProbs, row * batch + from, chunk);
      }
    }
    return logProbs;
  }

  /** Micro-batches of one group are consecutive, so the last conditions are cached. */
  private Conditions conditions(PromptEmbeddings wanted) {
    if (wanted != prompt) {
      owner.ifPresent(NDManager::close);
      NDManager next = scope.newSubManager();
      owner = Optional.of(next);
      conditions = Conditions.of(next, wanted);
      prompt = wanted;
    }
    return conditions;
  }

  /** Returns the live weights, which the optimizer updates. */
  TrainedParameters weights() {
    return part.weights();
  }

  @Override
  public void close() {
    part.detach();
    scope.close();
  }
}
