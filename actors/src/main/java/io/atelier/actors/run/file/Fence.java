package io.atelier.actors.run.file;

import java.nio.file.Path;

/**
 * Fencing between the conductors of a run: each writes to temporary files under its own number, and
 * renames nothing into place once it is replaced.
 *
 * @param epoch number of the conductor, 0 in one JVM
 * @param check throws {@link ReplacedException} if another conductor has taken over
 */
public record Fence(int epoch, Runnable check) {

  /** For a folder that only one process can hold. */
  public static final Fence NONE = new Fence(0, () -> {});

  /** The temporary file that this conductor writes before it is renamed to {@code file}. */
  public Path aside(Path file) {
    return file.resolveSibling(".%s.%d.part".formatted(file.getFileName(), epoch));
  }
}
