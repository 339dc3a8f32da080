package io.atelier.actors.cli.option;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.Optional;

/** A model, with trained weights if some are given, ready to draw. */
public final class LoadedModel implements AutoCloseable {

  private final NDManager scope;
  private final DiffusionModel model;
  private final ImageSampler sampler;

  /**
   * @param trained weights that are put into the model, if any
   * @param t5Length tokens that T5 reads of a prompt
   */
  public LoadedModel(
      String name, Optional<TrainedWeights> trained, int t5Length, EngineOptions engine) {
    this(name, t5Length, trained.map(TrainedWeights::part), engine);
    try {
      trained.ifPresent(this::load);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * The base.
   *
   * @param part what weights may be loaded of, if any
   */
  public LoadedModel(String name, int t5Length, Optional<Trained> part, EngineOptions engine) {
    PipelineFolder folder = Assembly.model(name, engine.types());
    engine.start(folder);
    Torch.enter(false);
    scope = Torch.newScope();
    try {
      model =
          part.isPresent()
              ? DiffusionModel.load(scope, folder, t5Length, part.get())
              : DiffusionModel.load(scope, folder, t5Length);
      sampler = new ImageSampler(scope, model, part);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** Draws with these weights from now on, which are of the part. */
  public void load(TrainedWeights weights) {
    sampler.load(weights.values());
  }

  public DiffusionModel model() {
    return model;
  }

  public ImageSampler sampler() {
    return sampler;
  }

  @Override
  public void close() {
    sampler.close();
    model.close();
    scope.close();
  }
}
