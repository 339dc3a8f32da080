package io.atelier.actors.cli;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.api.Assembly;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model, with an adapter if one is given, ready to draw. */
final class LoadedModel implements AutoCloseable {

  private final NDManager scope;
  private final DiffusionModel model;
  private final ImageSampler sampler;

  /**
   * @param lora an adapter file or folder, a checkpoint or a run folder
   * @param t5Length tokens that T5 reads of a prompt
   */
  LoadedModel(String name, Optional<Path> lora, int t5Length, int threads) {
    PipelineFolder folder = Assembly.model(name);
    Optional<LoraWeights> adapter = lora.map(LoadedModel::adapter);
    Torch.start(threads);
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

  /** The adapter in a file or folder of PEFT or diffusers, a checkpoint, or a run's newest one. */
  static LoraWeights adapter(Path path) {
    boolean ours =
        Files.exists(path.resolve("manifest.json"))
            || Files.isDirectory(path.resolve("checkpoints"));
    return ours ? ExportLoraCommand.weights(ExportLoraCommand.newest(path)) : LoraFile.read(path);
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
