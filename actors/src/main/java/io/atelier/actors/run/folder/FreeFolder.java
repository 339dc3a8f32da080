package io.atelier.actors.run.folder;

import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks whether a folder is free for a new run: nothing in it could be mixed up with the run. */
public final class FreeFolder {

  private FreeFolder() {}

  /** Fails unless a fresh run could claim {@code root}. */
  public static void require(Path root) {
    Checkpoint.requireOutside(root);
    if (!Files.exists(root)) {
      requireRoomFor(root);
    }
    if (Files.notExists(root)) {
      return;
    }
    if (!Files.isDirectory(root)) {
      throw new RunFolderException(
          "run.dir %s is a file; name a folder that is empty or missing".formatted(root));
    }
    RunFiles files = new RunFiles(root);
    if (Storage.list(root).stream().allMatch(entry -> entry.equals(files.lock()))) {
      return;
    }
    throw new RunFolderException(
        Files.exists(files.config())
            ? ("run folder %s holds a run already; resume it by --resume %s, or name another"
                    + " folder by run.dir=")
                .formatted(root, root)
            : "run folder %s is not empty; name an empty or missing one by run.dir="
                .formatted(root));
  }

  /** Fails if the folder cannot be created, as far as can be checked without creating it. */
  private static void requireRoomFor(Path root) {
    Path parent = root.toAbsolutePath().normalize().getParent();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    if (parent != null && !(Files.isDirectory(parent) && Files.isWritable(parent))) {
      throw new RunFolderException(
          "run.dir %s cannot be created: %s is not a writable folder".formatted(root, parent));
    }
  }

  /**
   * Fails if a new run on a cluster would write among other files. What file systems put into the
   * root of a volume does not count: hidden files and {@code lost+found}.
   */
  static void requireOnCluster(Path root) {
    if (!Files.isDirectory(root)) {
      return;
    }
    List<Path> entries = Storage.list(root);
    if (entries.contains(new RunFiles(root).epochs())) {
      return; // another conductor begins the run at this moment
    }
    for (Path entry : entries) {
      String name = entry.getFileName().toString();
      if (!name.startsWith(".") && !name.equals("lost+found")) {
        throw new RunFolderException(
            "run folder %s is not empty: it has %s, which no run wrote; name an empty or missing one by run.dir="
                .formatted(root, name));
      }
    }
  }
}
