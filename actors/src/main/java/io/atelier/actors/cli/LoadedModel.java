package io.atelier.actors.cli;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.api.Assembly;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.List;
import java.util.Optional;

/** A model, with an adapter if one is given, ready to draw. */
final class LoadedModel implements AutoCloseable {

  private final NDManager scope;
  private final DiffusionModel model;
  private final ImageSampler sampler;

  /**
   * @param adapter what is put into the model, if anything
   * @param t5Length tokens that T5 reads of a prompt
   */
  LoadedModel(String name, Optional<LoraWeights> adapter, int t5Length, EngineOptions engine) {
    PipelineFolder folder = Assembly.model(name, engine.compute());
    engine.start();
    Torch.enter(false);
    scope = Torch.newScope();
    try {
      model = DiffusionModel.load(scope, folder, t5Length);
      sampler = new ImageSampler(scope, model, adapter.map(LoadedModel::shape));
      adapter.ifPresent(weights -> sampler.load(weights.tensors()));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  static AdapterConfig shape(LoraWeights adapter) {
    return new AdapterConfig(
        adapter.rank(), adapter.alpha(), List.copyOf(adapter.modules().keySet()));
  }

  DiffusionModel model() {
    return model;
  }

  ImageSampler sampler() {
    return sampler;
  }

  @Override
  public void close() {
    sampler.close();
    model.close();
    scope.close();
  }
}
