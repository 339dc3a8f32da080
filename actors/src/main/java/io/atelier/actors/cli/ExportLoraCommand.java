package io.atelier.actors.cli;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.CheckpointStore;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunFolderException;
import io.atelier.learner.grpo.AdapterTrainer;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.state.NamedTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export-lora",
    description = "Writes the adapter of a checkpoint as a LoRA that diffusers or PEFT loads.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./atelier export-lora runs/001 --out my-lora",
      "  ./atelier export-lora runs/001/checkpoints/step-000040 --format peft --out my-lora",
      "",
      "diffusers:  pipe.load_lora_weights(\"my-lora\")",
      "PEFT:       PeftModel.from_pretrained(transformer, \"my-lora\")",
    })
final class ExportLoraCommand implements Callable<Integer> {

  /** The layouts that are written. */
  enum Format {
    DIFFUSERS(LoraLayout.DIFFUSERS),
    PEFT(LoraLayout.PEFT);

    private final LoraLayout layout;

    Format(LoraLayout layout) {
      this.layout = layout;
    }
  }

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint folder, or a run folder for its newest one.")
  private Path checkpoint;

  @Option(
      names = "--format",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "DIFFUSERS")
  private Format format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "Folder to write the adapter into; made if it is missing.")
  private Path out;

  @Option(
      names = "--average",
      description = "Write the moving average of the weights in place of the last ones.")
  private boolean average;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Outputs.requireFolder(out);
    Path source = newest(checkpoint);
    LoraFile.write(out, weights(source, average), format.layout);
    spec.commandLine().getOut().println("wrote %s from %s".formatted(out, source));
    return Main.DONE;
  }

  /** {@code path} itself if it is a checkpoint, else the newest one of the run in it. */
  static Path newest(Path path) {
    if (Files.exists(path.resolve("manifest.json"))) {
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

  /** The adapter of a checkpoint, with the rank and alpha of its run. */
  static LoraWeights weights(Path checkpoint, boolean average) {
    NamedTensors weights =
        average
            ? AdapterTrainer.average(CheckpointStore.policyState(checkpoint))
            : CheckpointStore.policyWeights(checkpoint);
    AdapterConfig adapter =
        TrainConfig.read(checkpoint.resolve("config.conf"), List.of()).model().adapter();
    return LoraWeights.of(adapter.rank(), adapter.alpha(), weights);
  }
}
