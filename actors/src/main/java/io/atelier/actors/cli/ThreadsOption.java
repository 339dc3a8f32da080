package io.atelier.actors.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many native threads a command computes with. */
final class ThreadsOption {

  /** More only cost: no operation is cut into so many parts. */
  private static final int MOST = 1024;

  @Option(
      names = "--threads",
      description = "Native threads of one operation (default: as many as there are cores).",
      defaultValue = "0")
  private int threads;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  int count() {
    if (threads < 0 || threads > MOST) {
      throw new ParameterException(
          spec.commandLine(),
          "--threads %d must be 1 to %d, or 0 for as many as there are cores"
              .formatted(threads, MOST));
    }
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
