package io.atelier.actors.cli.option;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Weights that a run or another trainer made.
 *
 * @param part of a network that they are
 * @param values by name
 */
public record TrainedWeights(Trained part, NamedTensors values) {

  public static TrainedWeights of(LoraWeights adapter) {
    return new TrainedWeights(
        new AdapterConfig(adapter.rank(), adapter.alpha(), List.copyOf(adapter.modules().keySet())),
        adapter.tensors());
  }

  /**
   * Returns the weights of a checkpoint.
   *
   * @param config of its run
   * @param average whether to take the moving average in place of the last ones
   */
  public static TrainedWeights of(Path checkpoint, TrainConfig config, boolean average) {
    return new TrainedWeights(
        config.model().trained(),
        average
            ? Optimizer.averaged(Checkpoint.policyState(checkpoint))
            : Checkpoint.policyWeights(checkpoint));
  }

  /** Whether they are exactly those of this part of {@code model}, by name and shape. */
  public boolean fit(PipelineFolder model) {
    Map<String, long[]> shapes = part.shapes(model.transformerConfig());
    Map<String, Tensor> tensors = values.asMap();
    return shapes.keySet().equals(tensors.keySet())
        && shapes.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), tensors.get(e.getKey()).shape()));
  }

  /** Reads the configuration of the run of a checkpoint. */
  public static TrainConfig config(Path checkpoint) {
    return TrainConfig.read(checkpoint.resolve("config.conf"), List.of());
  }

  /** Returns {@code path} if it is a checkpoint, otherwise the newest one of the run in it. */
  public static Path newest(Path path) {
    if (Checkpoint.isCheckpoint(path)) {
      return path;
    }
    List<Path> all = new CheckpointStore(new RunFiles(path).checkpoints(), 1).list();
    return all.stream()
        .findFirst()
        .orElseThrow(
            () ->
                new RunFolderException(
                    "%s is neither a checkpoint nor a run folder with one".formatted(path)));
  }
}
