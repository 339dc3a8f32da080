package io.atelier.actors.cli.option;

import io.atelier.actors.config.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The configuration as the command line gives it. */
public final class ConfigOptions {

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "Settings to begin with (default: " + TrainConfig.DEFAULT_PRESET + ").")
  private Optional<String> preset;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "HOCON file whose keys override the preset's; may be given several times.")
  private List<Path> files = new ArrayList<>();

  @Parameters(
      paramLabel = "key=value",
      description = "Settings that override both, such as run.steps=20.")
  private List<String> overrides = new ArrayList<>();

  /** Lists the presets in the help of each command that takes one. */
  public static void listPresets(CommandLine commands) {
    List<String> list = new ArrayList<>(List.of("", "Presets:"));
    TrainConfig.presets().forEach((name, what) -> list.add("  %-20s %s".formatted(name, what)));
    for (CommandLine command : commands.getSubcommands().values()) {
      UsageMessageSpec usage = command.getCommandSpec().usageMessage();
      if (command.getCommandSpec().findOption("--preset") != null) {
        usage.footer(
            Stream.concat(list.stream(), Arrays.stream(usage.footer())).toArray(String[]::new));
      }
    }
  }

  public TrainConfig load() {
    return TrainConfig.load(preset.orElse(TrainConfig.DEFAULT_PRESET), files, overrides);
  }

  /** Whether a preset or files are given, not just single keys. */
  public boolean isLayered() {
    return preset.isPresent() || !files.isEmpty();
  }

  public List<String> overrides() {
    return overrides;
  }
}
