package io.atelier.learner.grpo;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.PromptConditions;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.VelocityField;
import java.util.List;

/** Gradients of micro-batches with respect to a low-rank adapter. */
public final class MicroBatchGradients implements Gradients {

  private final NDManager scope;
  private final MmditAdapter adapter;
  private final PolicyGradient gradient;
  private final PromptConditions prompts;

  /**
   * An adapter whose weights are all zero until they are loaded.
   *
   * @param parent scope in which this makes its own, which it closes
   * @param model its network is this one's alone: the adapter is put into it
   * @param rollout how the groups are sampled
   */
  public MicroBatchGradients(
      NDManager parent,
      DiffusionModel model,
      AdapterConfig adapter,
      RolloutConfig rollout,
      PolicyConfig config) {
    config.loss().requireFits(rollout.kind());
    this.scope = parent.newSubManager();
    this.adapter = new MmditAdapter(scope, model.network(), adapter);
    this.adapter.train();
    this.adapter.attach();
    this.gradient =
        new PolicyGradient(
            scope,
            this.adapter,
            new VelocityField(model.network(), rollout.guidance()),
            model.schedule(rollout.steps()),
            rollout.kind(),
            rollout.noiseLevel(),
            config.loss());
    this.prompts =
        new PromptConditions(scope, model.text(), rollout.guidance() != 1, rollout.promptCache());
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
            prompts.of(batch.prompt().text()),
            part,
            batch.advantages(),
            batch.proximal(),
            batch.weight());
    return new Gradient(adapter.gradients(), terms.get(0));
  }

  /**
   * Log-probabilities of a group's trained steps at the weights held, (T, G).
   *
   * @param size samples that pass through the network at once
   */
  float[] logProbs(String prompt, Trajectory whole, int size) {
    int steps = whole.stepIndex().length;
    int batch = whole.logProb().length / steps;
    float[] logProbs = new float[steps * batch];
    for (int from = 0; from < batch; from += size) {
      float[] part =
          gradient.logProbs(prompts.of(prompt), MicroBatches.slice(whole, from, from + size));
      for (int t = 0; t < steps; t++) {
        System.arraycopy(part, t * size, logProbs, t * batch + from, size);
      }
    }
    return logProbs;
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
