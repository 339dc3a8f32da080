package io.atelier.learner.grpo;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.List;
import java.util.Optional;

/** Gradients of micro-batches with respect to a low-rank adapter. */
public final class MicroBatchGradients implements Gradients {

  private final NDManager scope;
  private final Mmdit network;
  private final MmditAdapter adapter;
  private final PolicyGradient gradient;
  private PromptEmbeddings prompt = PromptEmbeddings.NONE;
  private Optional<NDManager> owner = Optional.empty();
  private Conditions conditions;

  /**
   * An adapter whose weights are all zero until they are loaded.
   *
   * @param parent scope in which this makes its own, which it closes
   * @param model its network is this one's alone: the adapter is put into it
   * @param rollout how the groups are sampled
   */
  public MicroBatchGradients(
      NDManager parent,
      Denoiser model,
      AdapterConfig adapter,
      RolloutConfig rollout,
      PolicyConfig config) {
    config.loss().requireFits(rollout.kind());
    this.scope = parent.newSubManager();
    this.network = model.network();
    this.adapter = new MmditAdapter(scope, model.network(), adapter);
    this.adapter.train();
    this.adapter.attach();
    this.gradient =
        new PolicyGradient(
            scope,
            this.adapter,
            new VelocityField(model.network(), rollout.guidance(), config.checkpointing()),
            model.schedule(rollout.steps()),
            rollout.kind(),
            rollout.noiseLevel(),
            config.loss());
  }

  @Override
  public String load(NamedTensors policy) {
    adapter.load(policy);
    return adapter.export().contentHash();
  }

  @Override
  public Gradient of(MicroBatch batch, Trajectory trajectory) {
    adapter.clearGradients();
    Trajectory part =
        MicroBatches.slice(MicroBatches.row(trajectory, batch.row()), batch.from(), batch.to());
    List<List<LossTerms>> terms =
        gradient.accumulate(
            conditions(trajectory.prompt()),
            part,
            batch.advantages(),
            batch.proximal(),
            batch.weight());
    network.trimMemory();
    return new Gradient(adapter.gradients(), terms.get(0));
  }

  /**
   * Log-probabilities of a group's trained steps at the weights held, (T, G).
   *
   * @param size samples that pass through the network at once
   */
  float[] logProbs(Trajectory whole, int size) {
    int steps = whole.stepIndex().length;
    int batch = whole.logProb().length / steps;
    float[] logProbs = new float[steps * batch];
    for (int from = 0; from < batch; from += size) {
      float[] part =
          gradient.logProbs(
              conditions(whole.prompt()), MicroBatches.slice(whole, from, from + size));
      for (int t = 0; t < steps; t++) {
        System.arraycopy(part, t * size, logProbs, t * batch + from, size);
      }
    }
    return logProbs;
  }

  /** Micro-batches of one group come one after the other, so the last one's are kept. */
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

  /** Where the weights are; whoever trains them keeps it up to date. */
  MmditAdapter adapter() {
    return adapter;
  }

  @Override
  public void close() {
    adapter.detach();
    scope.close();
  }
}
