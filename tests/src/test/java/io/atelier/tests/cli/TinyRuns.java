package io.atelier.tests.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Short runs of the tiny model, by their names.
 *
 * @param folder of all of them
 */
record TinyRuns(Path folder) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Settings of a run. */
  List<String> settings(String run) {
    List<String> settings = new ArrayList<>(TinyPipeline.SHORT);
    settings.add("model.path=" + TinyPipeline.path());
    settings.add("run.dir=" + folder.resolve(run));
    return settings;
  }

  /** A command on a run, with more settings. */
  List<String> command(String name, String run, String... more) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(settings(run));
    command.addAll(List.of(more));
    return command;
  }

  /** What a run has trained. */
  String policyHash(String run) throws IOException {
    Path summary = new RunFiles(folder.resolve(run)).summary();
    return JSON.readTree(summary.toFile()).get("policyHash").asText();
  }

  /** The measurements of its last step. */
  JsonNode lastLine(String run) throws IOException {
    List<String> lines = Files.readAllLines(new RunFiles(folder.resolve(run)).metrics());
    return JSON.readTree(lines.get(lines.size() - 1));
  }
}
