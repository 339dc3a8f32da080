package io.atelier.tests.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Files of {@code tests/faults}, and model folders with something wrong. */
final class Inputs {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Inputs() {}

  static Path file(String name) {
    return Path.of(System.getProperty("atelier.root", ".."), "tests", "faults").resolve(name);
  }

  /** A change of a folder. */
  @FunctionalInterface
  interface Change {
    void of(Path folder) throws IOException;
  }

  /** A copy of the small golden pipeline in {@code parent}, changed. */
  static Path model(Path parent, Change change) {
    Path folder = parent.resolve("model");
    copy(Golden.path("sd3-tiny"), folder);
    delete(folder.resolve("expected"));
    try {
      change.of(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  /** Sets keys of a JSON file. */
  static Change json(String file, Consumer<ObjectNode> change) {
    return folder -> {
      Path path = folder.resolve(file);
      ObjectNode node = (ObjectNode) JSON.readTree(Files.readAllBytes(path));
      change.accept(node);
      Files.write(path, JSON.writeValueAsBytes(node));
    };
  }

  static Change text(String file, String text) {
    return folder -> Files.writeString(folder.resolve(file), text);
  }

  static Change gone(String file) {
    return folder -> delete(folder.resolve(file));
  }

  /** What is run on the small model and the small data: three quick steps in {@code run}. */
  static List<String> train(Path run, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "model.path=" + Golden.path("sd3-tiny"),
                "data.prompts=" + file("prompts/plain.txt"),
                "data.references=" + file("refs/good"),
                "reward.adversarial.sees-prompt=false",
                "run.dir=" + run,
                "run.threads=1",
                "run.steps=2",
                "learner.groups-per-step=2",
                "rollout.group-size=2",
                "rollout.height=64",
                "rollout.width=64",
                "rollout.steps=3",
                "rollout.trained-steps=1",
                "rollout.trained-to=1",
                "model.adapter.rank=2",
                "reward.adversarial.hidden=8",
                "reward.adversarial.encoder-pixels=64",
                "critic.statistics-images=4",
                "evaluation.every=0",
                "checkpoint.every=1"));
    command.addAll(List.of(more));
    return command;
  }

  static List<String> plan(String... more) {
    List<String> command = train(Path.of("unused"), more);
    command.set(0, "plan");
    return command;
  }

  static List<String> sample(Path model, Path out, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("sample", "--threads", "1", "--model", model.toString(), "--steps", "2"));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    if (!command.contains("--prompt")) {
      command.addAll(List.of("--prompt", "a fox"));
    }
    return command;
  }

  static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path path) {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
