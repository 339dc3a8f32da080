package io.atelier.actors.run.file;

import java.nio.file.Path;

/**
 * What keeps the conductors of a run out of each other's files: each writes aside under its own
 * number, and puts nothing in place once it is replaced.
 *
 * @param epoch number of the conductor, 0 in one JVM
 * @param check throws {@link ReplacedException} if another conductor has taken over
 */
public record Fence(int epoch, Runnable check) {

  /** Of a folder that only one process can have. */
  public static final Fence NONE = new Fence(0, () -> {});

  /** Where this conductor writes what is to become {@code file}. */
  public Path aside(Path file) {
    return file.resolveSibling(".%s.%d.part".formatted(file.getFileName(), epoch));
  }
}
