package io.atelier.actors.run.folder;

import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Decides which conductor writes a run folder that several nodes share: the one with the highest
 * number. A number is claimed by creating its file, which only one node can do. A conductor that
 * finds a higher number has been replaced, and writes no more.
 */
final class Epochs {

  /** Prefix of a temporary file that is deleted at once. */
  private static final String LOOK = ".look-";

  private final Path folder;
  private final int mine;

  private Epochs(Path folder, int mine) {
    this.folder = folder;
    this.mine = mine;
  }

  /** Claims the next number, from 1. */
  static Epochs claim(Path folder) {
    try {
      Files.createDirectories(folder);
      for (int next = newest(folder) + 1; ; next++) {
        try {
          Files.createFile(file(folder, next));
          Durable.sync(folder);
          return new Epochs(folder, next);
        } catch (FileAlreadyExistsException e) {
          // another node was faster; this one will replace it
        }
      }
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
  }

  private static int newest(Path folder) {
    return Storage.list(folder).stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.matches("[0-9]{6,9}"))
        .mapToInt(Integer::parseInt)
        .max()
        .orElse(0);
  }

  private static Path file(Path folder, int epoch) {
    return folder.resolve(String.format(Locale.ROOT, "%06d", epoch));
  }

  int mine() {
    return mine;
  }

  /**
   * Fails if another node has taken over. Bypasses caches: a client of a network file system may
   * report for a minute that a name does not exist because it did not a moment ago, so the whole
   * folder is listed, after a change in it that invalidates the client's cached listing.
   *
   * @throws ReplacedException if another node has taken over
   */
  void requireMine() {
    try {
      Files.delete(Files.createTempFile(folder, LOOK, ""));
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
    if (newest(folder) > mine) {
      throw new ReplacedException(
          "another conductor has taken over this run (this one is number %d); it writes no more"
              .formatted(mine));
    }
  }
}
