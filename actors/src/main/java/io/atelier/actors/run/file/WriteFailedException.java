package io.atelier.actors.run.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file of a run could not be written. The message names a full disk as the cause if it is one.
 */
public final class WriteFailedException extends RuntimeException {

  public WriteFailedException(Path file, Throwable cause) {
    super(message(file, cause), cause);
  }

  private static String message(Path file, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      String text = String.valueOf(t.getMessage());
      if (text.contains("No space left on device") || text.contains("Disk quota exceeded")) {
        return "disk full: %s could not be written (%s); make room there, then resume the run or run the same command again"
            .formatted(file, free(file));
      }
    }
    return "%s could not be written: %s".formatted(file, reason(cause));
  }

  private static String reason(Throwable cause) {
    if (cause instanceof NoSuchFileException) {
      return "its folder does not exist; make it first";
    }
    return cause instanceof IOException e ? Storage.reason(e) : String.valueOf(cause.getMessage());
  }

  private static String free(Path file) {
    Path existing = file.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return "%d KiB free".formatted(existing.toFile().getUsableSpace() >> 10);
  }
}
