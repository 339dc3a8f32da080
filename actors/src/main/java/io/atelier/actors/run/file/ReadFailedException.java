package io.atelier.actors.run.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a run that the storage did not give, however often it was asked. Nothing is known to be
 * wrong with the file: it may be read later, or on another machine.
 */
public final class ReadFailedException extends RuntimeException {

  public ReadFailedException(Path file, IOException cause) {
    super(
        "%s cannot be read: %s; look after the storage, then try again"
            .formatted(file, Storage.reason(cause)),
        cause);
  }
}
