package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system of its own that can be filled, and has room again. It takes Linux and root. */
final class SmallDisk implements AutoCloseable {

  private static final ByteBuffer CHUNK = ByteBuffer.allocate(4_096);

  private final Path folder;
  private final Path filling;

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.filling = folder.resolve("filling");
  }

  /**
   * Mounts one; the test that asks is skipped where that cannot be done.
   *
   * @param folder is made
   */
  static SmallDisk mount(Path folder, int mebibytes) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    String failure =
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "atelier", folder.toString());
    return failure.isEmpty()
        ? new SmallDisk(folder)
        : abort("no file system can be mounted here: " + failure);
  }

  /** Takes all the room that is left, also what was freed since; returns the bytes taken. */
  long fill() throws IOException {
    try (FileChannel file =
        FileChannel.open(filling, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      long before = file.size();
      try {
        while (true) {
          file.write(CHUNK.duplicate());
        }
      } catch (IOException e) {
        if (!String.valueOf(e.getMessage()).contains("No space left")) {
          throw e;
        }
        return file.size() - before;
      }
    }
  }

  /** Gives back what {@link #fill} took. */
  void free() throws IOException {
    Files.deleteIfExists(filling);
  }

  /** Lazily: a process that was killed a moment ago may still have files open. */
  @Override
  public void close() throws IOException {
    try {
      String failure = run("umount", "--lazy", folder.toString());
      if (!failure.isEmpty()) {
        throw new IOException(failure);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a command says if it fails. */
  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output;
  }
}
