package io.atelier.actors.cli;

import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.PipelineFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which adapter, if any, is put into the model of a command. */
final class LoraOption {

  @Option(
      names = "--lora",
      paramLabel = "F",
      description = "Adapter: a LoRA file or folder of any trainer, a checkpoint, or a run folder.")
  private Optional<Path> path;

  @Option(
      names = "--average",
      description = "Take a run's moving average of the weights in place of the last ones.")
  private boolean average;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  boolean isPresent() {
    return path.isPresent();
  }

  /**
   * The adapter in a file or folder, a checkpoint, or a run's newest one.
   *
   * @param model what it is put into
   */
  Optional<LoraWeights> adapter(PipelineFolder model) {
    boolean ours = path.map(LoraOption::isRun).orElse(false);
    if (average && !ours) {
      throw new ParameterException(
          spec.commandLine(), "--average needs a checkpoint or a run folder as --lora");
    }
    if (ours && LoraFile.isIn(path.get())) {
      throw new ParameterException(
          spec.commandLine(),
          "--lora %s is a run or checkpoint and holds an exported adapter too; name the checkpoint or the file"
              .formatted(path.get()));
    }
    return path.map(
        file ->
            ours
                ? ExportLoraCommand.weights(ExportLoraCommand.newest(file), average)
                : LoraFile.read(file, MmditAdapter.maps(model.transformerConfig())));
  }

  private static boolean isRun(Path path) {
    return Files.exists(path.resolve("manifest.json"))
        || Files.isDirectory(path.resolve("checkpoints"));
  }
}
