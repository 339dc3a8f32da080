package io.atelier.models.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files of a cache so that each is there whole or not at all. */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Puts a file in the place of what is there, and makes its folder if there is none. Does not wait
   * until it is on the disk: it can be made again.
   *
   * @param parts content, one after the other
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
