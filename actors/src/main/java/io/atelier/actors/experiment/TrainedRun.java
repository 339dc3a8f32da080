package io.atelier.actors.experiment;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.record.RunSummary;
import io.atelier.models.files.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The training run of an arm with one seed.
 *
 * @param arm that is run
 * @param seed of the run
 * @param place folder of the run
 * @param settings of the arm, with placeholders replaced by paths
 * @param config the whole configuration
 * @param deciding the part of it that decides the result, with files by name
 * @param needs files and runs that the settings name
 */
record TrainedRun(
    Arm.Trained arm,
    long seed,
    Path place,
    List<String> settings,
    TrainConfig config,
    SortedMap<String, String> deciding,
    List<Job> needs)
    implements ArmRun {

  static TrainedRun of(Arm.Trained arm, long seed, Places places) {
    List<String> settings = places.fill(arm.settings(), seed);
    TrainConfig config = config(arm, settings, seed);
    TrainConfig named = config(arm, places.name(arm.settings(), seed), seed);
    SortedMap<String, String> own = named.notDefault();
    own.remove("run.seed");
    own.put("run.steps", "" + config.run().steps());
    String hash = Sha256.of(own.toString()).substring(0, LETTERS);
    String name = "%s-%s-seed-%s".formatted(arm.preset(), hash, Long.toUnsignedString(seed));
    return new TrainedRun(
        arm,
        seed,
        places.runs().resolve(name),
        settings,
        config,
        named.deciding(),
        places.needs(arm.settings(), seed));
  }

  private static TrainConfig config(Arm.Trained arm, List<String> settings, long seed) {
    List<String> all = new ArrayList<>(settings);
    all.add("run.seed=" + Long.toUnsignedString(seed));
    try {
      return TrainConfig.load(arm.preset(), List.of(), all);
    } catch (InvalidConfigException e) {
      throw new InvalidConfigException("arm %s: %s".formatted(arm.name(), e.getMessage()), e);
    }
  }

  @Override
  public String name() {
    return ArmRun.name(arm, seed);
  }

  @Override
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("train", "--stop-with-input"));
    if (Files.exists(new RunFiles(place).config())) {
      arguments.addAll(List.of("--resume", place.toString()));
      return arguments;
    }
    arguments.addAll(List.of("--preset", arm.preset()));
    arguments.addAll(settings);
    arguments.add("run.seed=" + Long.toUnsignedString(seed));
    arguments.add("run.dir=" + place);
    return arguments;
  }

  @Override
  public boolean stopsWithInput() {
    return true;
  }

  @Override
  public String end(Optional<String> figures) {
    return "";
  }

  @Override
  public Optional<RunCurves> curves() {
    RunFiles files = new RunFiles(place);
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

  /** Fails if the result would differ: defaults of the program may have changed since. */
  private void requireSame(TrainConfig made) {
    ArmRun.difference(made.deciding(), config.deciding())
        .ifPresent(
            difference -> {
              throw new RunFolderException(
                  "%s was made with %s; give another --out, or move that folder away"
                      .formatted(place, difference));
            });
  }
}
