package io.atelier.actors.run.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a run could not be read, even after retries, because the storage failed. The file
 * itself may be intact, and readable later or on another machine.
 */
public final class ReadFailedException extends RuntimeException {

  public ReadFailedException(Path file, IOException cause) {
    super(
        "%s cannot be read: %s; check the storage, then try again"
            .formatted(file, Storage.reason(cause)),
        cause);
  }
}
