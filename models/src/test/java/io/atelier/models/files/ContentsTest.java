package io.atelier.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ContentsTest {

  @TempDir Path folder;

  /** Opening a pipe that nobody writes to waits for ever. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldRefuseAPipeInPlaceOfAFile() throws IOException {
    Path pipe = folder.resolve("config.json");
    new ProcessBuilder("mkfifo", pipe.toString()).start().onExit().join();
    FileException refused = assertThrows(FileException.class, () -> JsonFile.read(pipe));
    assertEquals(
        pipe + " cannot be read: it is a pipe or device, not a file; put the file there",
        refused.getMessage());
  }
}
