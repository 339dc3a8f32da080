package io.atelier.actors.cli.model;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.StoredOptions;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.CaptionFile;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.record.RunFacts;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
public final class ExportLoraCommand implements Callable<Integer> {

  /** Number of prompts that a card lists. */
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

  @Mixin private StoredOptions stored;

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
      description = "License of the adapter; the base model's may restrict it.")
  private Optional<String> license;

  @Option(
      names = "--overwrite-card",
      description = "Replace the model card, README.md, if there is one already.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Outputs.requireFolder(out);
    Path source = TrainedWeights.newest(checkpoint);
    TrainConfig config = TrainedWeights.config(source);
    LoraWeights weights = weights(source, config);
    LoraCard card =
        new LoraCard(
            config,
            RunFacts.of(source),
            stored.average(),
            format.layout,
            new LoraCard.Words(title, trigger, license),
            Clock.system().epochMillis());
    LoraFile.write(out, weights, format.layout, stored.type(), card.metadata());
    PrintWriter terminal = spec.commandLine().getOut();
    terminal.println("wrote %s from %s".formatted(out, source));
    writeCard(card, terminal);
    return ExitCode.DONE;
  }

  private void writeCard(LoraCard card, PrintWriter terminal) {
    Path file = out.resolve("README.md");
    if (Files.exists(file) && !overwrite) {
      terminal.println("%s exists and is kept; --overwrite-card replaces it".formatted(file));
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

  private LoraWeights weights(Path source, TrainConfig config) {
    TrainedWeights trained = TrainedWeights.of(source, config, stored.average());
    if (!(trained.part() instanceof AdapterConfig adapter)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s has trained the whole model and has no adapter; use ./atelier export-model"
              .formatted(source));
    }
    return LoraWeights.of(adapter.rank(), adapter.alpha(), trained.values());
  }
}
