package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start that fails is not in the way of the next one. */
@Timeout(180)
class FailedStartTest {

  private static final Pattern LOG = Pattern.compile("the log is (\\S+\\.log)");

  @TempDir Path folder;

  private List<String> train(Path model, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve("run")));
    command.add("model.path=" + model);
    command.addAll(TinyPipeline.SHORT);
    command.addAll(List.of("run.steps=1", "data.through-vae=false"));
    command.addAll(List.of(more));
    return command;
  }

  /** A model that only a worker finds to be bad. */
  private Path bad(String how) throws IOException {
    Path model = folder.resolve("model");
    String tensor = "transformer_blocks.0.attn.to_q.weight";
    return switch (how) {
      case "missing tensor" -> TinyPipeline.changed(model, all -> all.remove(tensor));
      case "NaN" -> TinyPipeline.changed(model, all -> all.get(tensor).values()[0] = Float.NaN);
      case "cut off" -> {
        TinyPipeline.changed(model, all -> {});
        Path weights = TinyPipeline.weights(model);
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
        yield model;
      }
      default -> throw new IllegalArgumentException(how);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing tensor", "NaN", "cut off"})
  void shouldStartInTheSameFolderOnceTheModelIsRight(String how) throws IOException {
    Cli failed = Cli.run(train(bad(how)));
    assertTrue(failed.code() > 0, failed.out());
    assertFalse(Files.exists(folder.resolve("run")), "a run folder was left behind");
    Matcher log = LOG.matcher(failed.out());
    if (log.find()) { // refused before there was a run, otherwise
      assertTrue(Files.size(Path.of(log.group(1))) > 0, "the log is gone");
      Files.delete(Path.of(log.group(1)));
    }
    Cli right = Cli.run(train(TinyPipeline.path()));
    assertEquals(0, right.code(), right.err().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.path=/nowhere/model",
        "data.prompts=/nowhere/prompts.txt",
        "data.references=/nowhere/references"
      })
  void shouldStartInTheSameFolderOnceThePathIsRight(String wrong) {
    Cli failed = Cli.run(train(TinyPipeline.path(), wrong));
    assertEquals(2, failed.code(), failed.err().toString());
    assertFalse(Files.exists(folder.resolve("run")), "a run folder was left behind");
    Cli.done(train(TinyPipeline.path()));
  }

  @Test
  void shouldLeaveAFolderThatWasThereAsItWas() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    Path stray = Files.writeString(run.resolve(".DS_Store"), "stray");
    Path tensors = TinyPipeline.weights(bad("NaN"));
    assertTrue(Files.exists(tensors));
    Cli failed = Cli.run(train(folder.resolve("model")));
    assertTrue(failed.code() > 0, failed.out());
    assertFalse(Files.exists(run.resolve("config.conf")));
    assertEquals("stray", Files.readString(stray));
    Cli.done(train(TinyPipeline.path()));
  }

  @Test
  void shouldKeepWhatWasRecordedBeforeTheFailure() throws IOException {
    Path run = folder.resolve("run");
    Path checkpoints = run.resolve("checkpoints");
    List<String> command =
        train(TinyPipeline.path(), "run.steps=2", "checkpoint.every=1", "run.seed=5");
    Cli.done(command);
    byte[] metrics = Files.readAllBytes(run.resolve("metrics.jsonl"));
    try (var all = Files.walk(checkpoints)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
    Files.writeString(checkpoints, "in the way"); // of the folder that it was
    Cli failed = Cli.run("train", "--resume", run.toString());
    assertTrue(failed.code() > 0, failed.out());
    assertTrue(Files.exists(run.resolve("config.conf")), "a run was taken away");
    assertEquals("in the way", Files.readString(checkpoints));
    assertTrue(
        Arrays.equals(metrics, Files.readAllBytes(run.resolve("metrics.jsonl"))),
        "metrics changed");
  }
}
