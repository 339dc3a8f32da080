package io.atelier.actors.cli;

import io.atelier.actors.Clock;
import io.atelier.actors.compute.CaptionFile;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.CheckpointStore;
import io.atelier.actors.run.RunFacts;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunFolderException;
import io.atelier.actors.run.WriteFailedException;
import io.atelier.learner.grpo.AdapterTrainer;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.DType;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
      "  ./atelier export-lora runs/001 --trigger-words \"3d icon\" --license mit --out my-lora",
      "",
      "diffusers:  pipe.load_lora_weights(\"my-lora\")",
      "PEFT:       PeftModel.from_pretrained(transformer, \"my-lora\")",
    })
final class ExportLoraCommand implements Callable<Integer> {

  /** Prompts that a card names. */
  private static final int PROMPTS = 5;

  /** The layouts that are written. */
  enum Format {
    DIFFUSERS(LoraLayout.DIFFUSERS),
    PEFT(LoraLayout.PEFT);

    private final LoraLayout layout;

    Format(LoraLayout layout) {
      this.layout = layout;
    }
  }

  /** What the factors are rounded to. */
  enum Type {
    FLOAT32(DType.F32),
    BFLOAT16(DType.BF16),
    FLOAT16(DType.F16);

    private final DType stored;

    Type(DType stored) {
      this.stored = stored;
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

  @Option(
      names = "--type",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "FLOAT32")
  private Type type;

  @Option(
      names = "--title",
      paramLabel = "T",
      description = "Title of the adapter (default: the run and its step).")
  private Optional<String> title;

  @Option(
      names = "--trigger-words",
      paramLabel = "W",
      description = "Words that a prompt should have; they go into the header and the card.")
  private Optional<String> trigger;

  @Option(
      names = "--license",
      paramLabel = "L",
      description = "License of the adapter, which the base model's may bind.")
  private Optional<String> license;

  @Option(
      names = "--overwrite-card",
      description = "Write the model card anew if there is a README.md already.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Outputs.requireFolder(out);
    Path source = newest(checkpoint);
    LoraCard card =
        new LoraCard(
            TrainConfig.read(source.resolve("config.conf"), List.of()),
            RunFacts.of(source),
            average,
            format.layout,
            new LoraCard.Words(title, trigger, license),
            Clock.system().epochMillis());
    LoraFile.write(out, weights(source, average), format.layout, type.stored, card.metadata());
    PrintWriter terminal = spec.commandLine().getOut();
    terminal.println("wrote %s from %s".formatted(out, source));
    writeCard(card, terminal);
    return Main.DONE;
  }

  private void writeCard(LoraCard card, PrintWriter terminal) {
    Path file = out.resolve("README.md");
    if (Files.exists(file) && !overwrite) {
      terminal.println(
          "%s is there already and stays; --overwrite-card writes it anew".formatted(file));
      return;
    }
    List<String> prompts = List.of();
    Path captions = Path.of(card.config().data().prompts());
    if (Files.isRegularFile(captions)) {
      try {
        prompts =
            CaptionFile.read("data.prompts", captions).stream()
                .limit(PROMPTS)
                .map(Prompt::text)
                .toList();
      } catch (IllegalArgumentException e) {
        terminal.println("warning: the card names no prompts: " + e.getMessage());
      }
    }
    try {
      Files.writeString(file, card.text(prompts));
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
    terminal.println("wrote " + file);
  }

  /** {@code path} itself if it is a checkpoint, else the newest one of the run in it. */
  static Path newest(Path path) {
    if (CheckpointStore.isCheckpoint(path)) {
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
