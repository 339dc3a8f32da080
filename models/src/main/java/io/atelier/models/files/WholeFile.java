package io.atelier.models.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes cache files atomically. */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Replaces a file, and creates its folder if there is none. Does not fsync, since the file can be
   * recreated.
   *
   * @param parts content, concatenated
   */
  public static void write(Path file, byte[]... parts) throws IOException {
    Files.createDirectories(file.getParent());
    Path making = Files.createTempFile(file.getParent(), ".making-", "");
    try {
      try (OutputStream out = Files.newOutputStream(making)) {
        for (byte[] part : parts) {
          out.write(part);
        }
      }
      Files.move(making, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(making);
    }
  }
}
