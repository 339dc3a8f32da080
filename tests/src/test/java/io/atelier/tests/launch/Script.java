package io.atelier.tests.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Runs scripts, with one of ours in place of {@code ./atelier}. */
final class Script {

  /** Exit code, and what it wrote to either stream. */
  record Result(int code, String output) {}

  private Script() {}

  /** A launcher that does what {@code body} says. */
  static Path stub(Path folder, String body) throws IOException {
    Path file = Files.writeString(folder.resolve("stub"), "#!/usr/bin/env bash\n" + body + "\n");
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
    return file;
  }

  static Process start(Map<String, String> environment, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  static Result run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    return end(start(environment, command));
  }

  /** Waits for the end. */
  static Result end(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
