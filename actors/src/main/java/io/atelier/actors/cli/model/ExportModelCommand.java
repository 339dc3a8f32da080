package io.atelier.actors.cli.model;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.StoredOptions;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.TrainedOn;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.record.RunFacts;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.WholeNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export-model",
    description = "Writes the transformer of a run that trained all of it, as diffusers loads it.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./atelier export-model runs/001 --out my-transformer",
      "  ./atelier export-model runs/001 --average --type bfloat16 --out my-transformer",
      "",
      "diffusers:  t = SD3Transformer2DModel.from_pretrained(\"my-transformer\")",
      "            pipe = StableDiffusion3Pipeline.from_pretrained(BASE, transformer=t)",
    })
public final class ExportModelCommand implements Callable<Integer> {

  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  private static final String CONFIG = "config.json";

  /** Weight files, their index files, and the index of a whole pipeline. */
  private static final Pattern OTHER_WEIGHTS =
      Pattern.compile(
          ".*\\.(safetensors|bin|ckpt|pth?|gguf|onnx)|.*\\.index\\b.*\\.json|model_index\\.json");

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint folder, or a run folder for its newest one.")
  private Path checkpoint;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "Folder to write the transformer into; made if it is missing.")
  private Path out;

  @Mixin private StoredOptions stored;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Outputs.requireFolder(out);
    Path source = TrainedWeights.newest(checkpoint);
    TrainConfig config = TrainedWeights.config(source);
    if (!(config.model().trained() instanceof WholeNetwork part)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s has trained an adapter, not the model; use ./atelier export-lora".formatted(source));
    }
    PipelineFolder base = Assembly.model(config.model().path(), ModelTypes.DEFAULT);
    requireOther(base.part("transformer"));
    requireNoOtherWeights(base.part("transformer").resolve(CONFIG));
    TrainedWeights trained = TrainedWeights.of(source, config, stored.average());
    if (!trained.fit(base)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s has trained a model whose shapes differ from those in %s now; put the model of the run back there"
              .formatted(source, base.root()));
    }
    write(base, part, trained, RunFacts.of(source).step());
    warnOfAnother(source, config.model().path());
    spec.commandLine().getOut().println("wrote %s from %s".formatted(out, source));
    return ExitCode.DONE;
  }

  /** All of the transformer is the run's but the table of positions, which is that model's. */
  private void warnOfAnother(Path source, String model) {
    PrintWriter err = spec.commandLine().getErr();
    TrainedOn.checkpoint(source)
        .flatMap(on -> TrainedOn.difference(on, model, line -> err.println("atelier: " + line)))
        .ifPresent(
            difference ->
                err.println(
                    "atelier: warning: the model of %s is not the one that it was trained on. %s"
                        .formatted(source, difference)));
  }

  /** Never overwrites the model that the run began with: others may use it, and resuming does. */
  private void requireOther(Path transformer) {
    try {
      if (Files.exists(out) && Files.isSameFile(out, transformer)) {
        throw new ParameterException(
            spec.commandLine(),
            "--out %s is the transformer that the run began with; name another folder"
                .formatted(out));
      }
    } catch (IOException e) {
      throw new WriteFailedException(out, e);
    }
  }

  /**
   * Refuses a folder that has weights of another kind or with other names: it would be unclear
   * which ones a program loads. An earlier export and a copy of what the run began with are
   * replaced.
   */
  private void requireNoOtherWeights(Path own) {
    if (Files.notExists(out)) {
      return;
    }
    try (Stream<Path> files = Files.list(out)) {
      List<String> others =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> OTHER_WEIGHTS.matcher(name).matches() && !name.equals(WEIGHTS))
              .sorted()
              .toList();
      if (!others.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(),
            "--out %s has other weights: %s; name another folder, or remove them"
                .formatted(out, String.join(", ", others)));
      }
      Path config = out.resolve(CONFIG);
      if (Files.exists(config) && !Files.isRegularFile(config)) { // reading a pipe would block
        throw new ParameterException(
            spec.commandLine(),
            "--out %s: its %s is not a file; name another folder, or remove it"
                .formatted(out, CONFIG));
      }
      if (Files.exists(config) && Files.mismatch(config, own) >= 0) {
        throw new ParameterException(
            spec.commandLine(),
            "--out %s holds another model: its %s is not that of %s; name another folder"
                .formatted(out, CONFIG, own.getParent()));
      }
    } catch (IOException e) {
      throw new WriteFailedException(out, e);
    }
  }

  private void write(PipelineFolder base, WholeNetwork part, TrainedWeights trained, int step) {
    DType type = stored.type();
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(Map.of("format", "pt", "atelier.step", "" + step));
    base.fixedWeights(part)
        .with(trained.values())
        .asMap()
        .forEach((name, tensor) -> writer.add(name, type, tensor.shape(), tensor.values()));
    try {
      Files.createDirectories(out);
      writer.write(out.resolve(WEIGHTS)); // first: a folder without its configuration is incomplete
      Files.copy(
          base.part("transformer").resolve(CONFIG),
          out.resolve(CONFIG),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new WriteFailedException(out.resolve(CONFIG), e);
    }
  }
}
