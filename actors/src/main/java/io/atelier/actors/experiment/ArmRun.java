package io.atelier.actors.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.RunCurves;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunFolderException;
import io.atelier.actors.run.RunSummary;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The run of an arm with one seed. Its folder is named by its settings, so that experiments with
 * the same arm share its runs, and one whose settings were changed is run again.
 *
 * @param arm what is run
 * @param seed with which
 * @param folder where its files are
 * @param config the whole configuration
 */
record ArmRun(Arm arm, long seed, Path folder, TrainConfig config) {

  private static final TypeReference<TreeMap<String, Double>> MEASURED = new TypeReference<>() {};

  /** Letters of a hash that tell settings apart. */
  private static final int LETTERS = 8;

  /**
   * @param runs folder of all runs
   */
  static ArmRun of(Arm arm, long seed, Path runs) {
    TrainConfig config = arm.config(seed);
    SortedMap<String, String> settings = config.notDefault();
    settings.remove(arm.trains() ? "run.seed" : "evaluation.seed");
    settings.put("run.steps", "" + config.run().steps());
    String hash = Sha256.of(String.join("\n", settings.toString())).substring(0, LETTERS);
    String name =
        "%s-%s-seed-%s"
            .formatted(arm.trains() ? arm.preset() : "base", hash, Long.toUnsignedString(seed));
    return new ArmRun(arm, seed, runs.resolve(name), config);
  }

  /** As it is called in messages. */
  String name() {
    return "%s, seed %s".formatted(arm.name(), Long.toUnsignedString(seed));
  }

  /** What its process says. */
  Path log() {
    return folder.resolveSibling(folder.getFileName() + ".log");
  }

  /** Where a model that is not trained has its measurements. */
  Path measured() {
    return folder.resolveSibling(folder.getFileName() + ".json");
  }

  /** Arguments of {@code ./atelier} that bring it to its end. */
  List<String> arguments() {
    return arm.trains() && Files.exists(new RunFiles(folder).config())
        ? Arm.resume(folder)
        : arm.begin(seed, folder);
  }

  /**
   * What it measured, if it is done.
   *
   * @throws RunFolderException if what is there was made with other settings
   */
  Optional<RunCurves> curves() {
    return arm.trains() ? trained() : untrained();
  }

  private Optional<RunCurves> trained() {
    RunFiles files = new RunFiles(folder);
    if (Files.notExists(files.config())) {
      return Optional.empty();
    }
    requireSame(TrainConfig.read(files.config(), List.of()));
    if (Files.notExists(files.summary())
        || RunSummary.read(files.summary()).steps() < config.run().steps()) {
      return Optional.empty();
    }
    return Optional.of(RunCurves.read(files));
  }

  /** Defaults of the program may have changed since. */
  private void requireSame(TrainConfig made) {
    SortedMap<String, String> before = made.deciding();
    config
        .deciding()
        .forEach(
            (key, value) -> {
              if (before.containsKey(key) && !before.get(key).equals(value)) {
                throw new RunFolderException(
                    "%s was made with %s = %s, which is %s now; give another --out, or move that folder away"
                        .formatted(folder, key, before.get(key), value));
              }
            });
  }

  private Optional<RunCurves> untrained() {
    if (Files.notExists(measured())) {
      return Optional.empty();
    }
    try {
      Map<String, Double> line =
          JsonMapper.builder().build().readValue(Files.readString(measured()), MEASURED);
      return Optional.of(new RunCurves(new TreeMap<>(), new TreeMap<>(Map.of(0, line))));
    } catch (JsonProcessingException e) {
      throw new RunFolderException(
          "%s is damaged: %s; delete it".formatted(measured(), e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
