package io.atelier.actors.cli;

import picocli.CommandLine.Option;

/** How many native threads a command computes with. */
final class ThreadsOption {

  @Option(
      names = "--threads",
      description = "Native threads of one operation (default: as many as there are cores).")
  private int threads;

  int count() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
