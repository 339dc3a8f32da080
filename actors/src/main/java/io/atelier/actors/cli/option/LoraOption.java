package io.atelier.actors.cli.option;

import io.atelier.actors.compute.TrainedOn;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.PipelineFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The trained weights, if any, that a command puts into its model. */
public final class LoraOption {

  /** {@code PATH:WEIGHT}. */
  private static final Pattern WEIGHTED = Pattern.compile("(.+):([-+0-9.eE]+)");

  @Option(
      names = "--lora",
      paramLabel = "F[:W]",
      description = {
        "Adapter: a LoRA file or folder of any trainer, a checkpoint, or a run folder, with the"
            + " weight that it has (default: 1). May be given several times: they add up. A run"
            + " that trained the whole model (model.train=full) is given alone."
      })
  private List<String> values = new ArrayList<>();

  @Option(
      names = "--average",
      description = "Take a run's moving average of the weights in place of the last ones.")
  private boolean average;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  public boolean isPresent() {
    return !values.isEmpty();
  }

  /**
   * Returns the weights of a file or folder, a checkpoint, or a run's newest one; of several
   * adapters, their sum.
   *
   * @param name of the model that they are put into
   * @param model that model
   */
  public Optional<TrainedWeights> weights(String name, PipelineFolder model) {
    if (average && values.isEmpty()) {
      throw notOurs();
    }
    List<LoraWeights> adapters = new ArrayList<>();
    List<Double> factors = new ArrayList<>();
    for (String value : values) {
      Matcher weighted = WEIGHTED.matcher(value);
      boolean plain = !weighted.matches() || Files.exists(path(value));
      factors.add(plain ? 1 : weight(value, weighted.group(2)));
      Path path = path(plain ? value : weighted.group(1));
      boolean ours = Checkpoint.isRunOrCheckpoint(path);
      TrainedWeights read = read(path, ours, model);
      if (!(read.part() instanceof AdapterConfig adapter)) {
        requireAlone(value, plain, read, model);
        warnOfAnother(value, path, ours, name);
        return Optional.of(read);
      }
      warnOfAnother(value, path, ours, name);
      adapters.add(LoraWeights.of(adapter.rank(), adapter.alpha(), read.values()));
    }
    return adapters.isEmpty()
        ? Optional.empty()
        : Optional.of(TrainedWeights.of(LoraWeights.sum(adapters, factors)));
  }

  /** Checks weights that replace all of the model's own. */
  private void requireAlone(
      String value, boolean plain, TrainedWeights read, PipelineFolder model) {
    if (values.size() > 1 || !plain) {
      throw new ParameterException(
          spec.commandLine(),
          "--lora %s has trained the whole model, which takes no weight and no second --lora"
              .formatted(value));
    }
    if (!read.fit(model)) {
      throw new ParameterException(
          spec.commandLine(),
          "--lora %s has trained the whole of another model than %s; give that one as --model"
              .formatted(value, model.root()));
    }
  }

  private Path path(String text) {
    try {
      return Converters.path(text);
    } catch (TypeConversionException e) {
      throw new ParameterException(spec.commandLine(), "--lora: " + e.getMessage(), e);
    }
  }

  private double weight(String value, String text) {
    try {
      double weight = Double.parseDouble(text);
      if (Double.isFinite(weight) && weight != 0) {
        return weight;
      }
    } catch (NumberFormatException e) {
      // reported below, like a number that is not allowed
    }
    throw new ParameterException(
        spec.commandLine(), "--lora %s: the weight must be a number other than 0".formatted(value));
  }

  /** Another model with the same shapes is not refused: people use one on purpose. */
  private void warnOfAnother(String value, Path path, boolean ours, String name) {
    PrintWriter err = spec.commandLine().getErr();
    (ours ? TrainedOn.checkpoint(TrainedWeights.newest(path)) : TrainedOn.adapter(path))
        .flatMap(on -> TrainedOn.difference(on, name, line -> err.println("atelier: " + line)))
        .ifPresent(
            difference ->
                err.println(
                    "atelier: warning: --lora %s is put into another model than it was trained on. %s"
                        .formatted(value, difference)));
  }

  /**
   * @param ours whether it is a run or a checkpoint
   */
  private TrainedWeights read(Path path, boolean ours, PipelineFolder model) {
    if (average && !ours) {
      throw notOurs();
    }
    if (ours && LoraFile.isIn(path)) {
      throw new ParameterException(
          spec.commandLine(),
          "--lora %s is a run or checkpoint and holds an exported adapter too; name the checkpoint or the file"
              .formatted(path));
    }
    return ours
        ? ofRun(TrainedWeights.newest(path))
        : TrainedWeights.of(LoraFile.read(path, MmditAdapter.maps(model.transformerConfig())));
  }

  private TrainedWeights ofRun(Path checkpoint) {
    return TrainedWeights.of(checkpoint, TrainedWeights.config(checkpoint), average);
  }

  private ParameterException notOurs() {
    return new ParameterException(
        spec.commandLine(), "--average needs a checkpoint or a run folder as --lora");
  }
}
