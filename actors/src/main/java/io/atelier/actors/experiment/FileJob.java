package io.atelier.actors.experiment;

import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file or folder that a command makes for the arms of an experiment, with any seed.
 *
 * @param file name of the file or folder
 * @param place folder of its own that the file is in, named by a hash of the command
 * @param arguments of {@code ./atelier}
 */
record FileJob(String file, Path place, List<String> arguments) implements Job {

  /** Placeholder in a command for the path to write to. */
  static final String OUT = "{out}";

  /**
   * @param files folder of all files
   * @param command its words, one of which is {@link #OUT}
   */
  static FileJob of(String file, List<String> command, Path files) {
    String hash = Sha256.of(file + "\n" + String.join("\n", command)).substring(0, ArmRun.LETTERS);
    Path place = files.resolve(hash);
    String out = place.resolve(file).toString();
    return new FileJob(
        file, place, command.stream().map(word -> word.equals(OUT) ? out : word).toList());
  }

  /** Returns the path of the file or folder. */
  Path path() {
    return place.resolve(file);
  }

  /** Returns the marker of a finished command: its output may exist earlier. */
  private Path whole() {
    return place.resolveSibling(place.getFileName() + ".done");
  }

  @Override
  public String name() {
    return file;
  }

  @Override
  public List<Job> needs() {
    return List.of();
  }

  @Override
  public boolean isDone() {
    return Files.exists(whole()) && Files.exists(path());
  }

  @Override
  public boolean stopsWithInput() {
    return false;
  }

  @Override
  public String end(Optional<String> figures) {
    if (Files.notExists(path())) {
      return "%s did not write %s".formatted(arguments.get(0), path());
    }
    try {
      Files.writeString(whole(), "");
    } catch (IOException e) {
      throw new WriteFailedException(whole(), e);
    }
    return "";
  }
}
