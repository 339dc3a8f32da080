package io.atelier.tests.faults;

import static io.atelier.tests.faults.Fault.accepted;
import static io.atelier.tests.faults.Fault.refused;
import static io.atelier.tests.faults.Fault.refusedForGood;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Runs and what is made of them: F01, F02, F18, F23, F24, F26, F27. */
final class RunFaults {

  private RunFaults() {}

  static Stream<Fault> rows() {
    return Stream.of(
        stray("Finder's file", ".DS_Store"),
        stray("Explorer's file", "Thumbs.db"),
        stray("NFS's file", ".nfs00000000012345"),
        stray("editor's copy", "manifest.json~"),
        unreadable("newer format", RunFaults::newer, "step-000002", "newer Atelier"),
        unreadable("cut tensors", RunFaults::cut, "step-000001", "step-000002"),
        unreadable("no manifest", RunFaults::bare, "step-000001", "step-000002"),
        changed("prompts", (data, model) -> Files.writeString(data.resolve("p.txt"), "a fox\n")),
        changed(
            "references",
            (data, model) ->
                Files.copy(Inputs.file("refs/grayrgb/1.png"), data.resolve("refs/z.png"))),
        changed(
            "model",
            (data, model) -> {
              Path file = model.resolve("scheduler/scheduler_config.json");
              Files.writeString(
                  file, Files.readString(file).replaceAll("\"shift\": *[0-9.]+", "\"shift\": 2.5"));
            }),
        new Fault("F18", "run.dir=~/r1", f -> home()),
        new Fault("F23", "two exports into one folder", RunFaults::exports),
        new Fault("F24", "--admin my_host:1", f -> admin()),
        new Fault("F26", "groups of one", RunFaults::alone),
        new Fault("F27", "a second try after a failed start", RunFaults::again));
  }

  /** A run of {@link Inputs#train} without more, made once for all rows that begin with one. */
  private static final class Trained {
    private static final Path RUN = run();

    private static Path run() {
      try {
        Path run =
            Files.createTempDirectory(Files.createDirectories(Path.of("target")), "trained-");
        Files.delete(run);
        accepted(Inputs.train(run));
        return run;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path trained(Path folder) {
    Path run = folder.resolve("run");
    Inputs.copy(Trained.RUN, run);
    return run;
  }

  /** Bytes of everything in a run folder that somebody worked for. */
  private static Map<String, String> contents(Path run) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (name.startsWith("checkpoints") || name.startsWith("ledger") || name.endsWith("jsonl")) {
          all.put(name, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return all;
  }

  private static List<Path> checkpoints(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      return all.filter(path -> path.getFileName().toString().startsWith("step-"))
          .sorted()
          .toList();
    }
  }

  private static List<String> resume(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "--resume", run.toString()));
    command.addAll(List.of(more));
    return command;
  }

  private static Fault stray(String input, String name) {
    return new Fault(
        "F01",
        input,
        folder -> {
          Path run = trained(folder);
          String before = Files.readString(run.resolve("metrics.jsonl"));
          for (Path checkpoint : checkpoints(run)) {
            Files.writeString(checkpoint.resolve(name), "not mine");
          }
          accepted(resume(run, "run.steps=3"));
          String after = Files.readString(run.resolve("metrics.jsonl"));
          assertTrue(after.startsWith(before), "steps were taken again");
          accepted(List.of("verify", run.toString()));
        });
  }

  private static Fault unreadable(String input, Inputs.Change spoil, String... said) {
    return new Fault(
        "F01",
        "every checkpoint unreadable: " + input,
        folder -> {
          Path run = trained(folder);
          for (Path checkpoint : checkpoints(run)) {
            spoil.of(checkpoint);
          }
          Map<String, String> before = contents(run);
          refusedForGood(resume(run, "run.steps=3"), said);
          assertEquals(before, contents(run));
        });
  }

  private static void newer(Path checkpoint) throws IOException {
    Path manifest = checkpoint.resolve("manifest.json");
    String text = Files.readString(manifest);
    String next = text.replaceFirst("\"format\" *: *\\d+", "\"format\" : 99");
    assertFalse(next.equals(text), text);
    Files.writeString(manifest, next);
  }

  private static void cut(Path checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length / 2));
      }
    }
  }

  private static void bare(Path checkpoint) throws IOException {
    Files.delete(checkpoint.resolve("manifest.json"));
  }

  /** A change of what a run was made of. */
  @FunctionalInterface
  private interface Edit {
    void of(Path data, Path model) throws IOException;
  }

  private static Fault changed(String what, Edit edit) {
    return new Fault(
        "F02",
        "other " + what + " on resume",
        folder -> {
          Path data = Files.createDirectories(folder.resolve("data"));
          Files.copy(Inputs.file("prompts/plain.txt"), data.resolve("p.txt"));
          Inputs.copy(Inputs.file("refs/good"), data.resolve("refs"));
          Path model = Inputs.model(folder, unchanged -> {});
          Path run = folder.resolve("run");
          accepted(
              Inputs.train(
                  run,
                  "model.path=" + model,
                  "data.prompts=" + data.resolve("p.txt"),
                  "data.references=" + data.resolve("refs")));
          accepted(List.of("verify", run.toString()));
          edit.of(data, model);
          refusedForGood(resume(run, "run.steps=3"), what);
          Cli verify = Cli.run(List.of("verify", run.toString()));
          assertFalse(verify.code() == 0, "verified: " + verify.out());
          assertTrue((verify.out() + verify.err()).contains(what), verify.out() + verify.err());
        });
  }

  private static void home() {
    Path home = Path.of(System.getProperty("user.home"));
    String dir = TrainConfig.load("dev", "run.dir=~/r1").run().dir().toString();
    assertTrue(dir.contains(home.resolve("r1").toString()), dir);
  }

  /** What is drawn is the export that was made last, or it is refused. */
  private static void exports(Path folder) throws IOException {
    Path run = trained(folder);
    Path lora = folder.resolve("lora");
    List<Path> steps = checkpoints(run);
    export(steps.get(0), "peft", lora);
    Cli second = export(steps.get(1), "diffusers", lora);
    if (second.code() != 0) {
      assertTrue(String.join(" ", second.err()).contains("adapter"), second.err().toString());
      return;
    }
    Path model = Golden.path("sd3-tiny");
    Path mixed = folder.resolve("mixed.png");
    Cli drawn = Cli.run(Inputs.sample(model, mixed, "--lora", lora.toString()));
    if (drawn.code() != 0) {
      assertTrue(String.join(" ", drawn.err()).contains("adapter_model"), drawn.err().toString());
      return;
    }
    Path alone = folder.resolve("alone");
    export(steps.get(1), "diffusers", alone);
    Path right = folder.resolve("right.png");
    accepted(Inputs.sample(model, right, "--lora", alone.toString()));
    assertArrayEquals(Files.readAllBytes(right), Files.readAllBytes(mixed), "the older was drawn");
  }

  private static Cli export(Path checkpoint, String format, Path out) {
    return Cli.run(
        "export-lora", checkpoint.toString(), "--format", format, "--out", out.toString());
  }

  private static void admin() {
    refusedForGood(List.of("status", "--admin", "my_host:1"), "my_host");
  }

  private static void alone(Path folder) {
    Path run = folder.resolve("run");
    refusedForGood(Inputs.train(run, "rollout.group-size=1"), "group-size");
    assertFalse(Files.exists(run));
  }

  private static void again(Path folder) {
    Path run = folder.resolve("run");
    refused(Inputs.train(run, "data.prompts=" + folder.resolve("no.txt")), "no.txt");
    refused(Inputs.train(run, "data.references=" + folder.resolve("no")), "data.references");
    refused(Inputs.train(run, "model.path=" + folder.resolve("no")), "model");
    accepted(Inputs.train(run));
  }
}
