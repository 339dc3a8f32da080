package io.atelier.actors.run.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few KiB in memory. Tests are skipped where none can be mounted. */
public final class TinyDisk implements AutoCloseable {

  private final Path mount;

  private TinyDisk(Path mount) {
    this.mount = mount;
  }

  public static TinyDisk mount(Path where, int kibibytes) {
    try {
      Files.createDirectories(where);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String size = "size=" + kibibytes + "k";
    Assumptions.assumeTrue(
        Shell.succeeds("mount", "-t", "tmpfs", "-o", size, "tmpfs", where.toString()),
        "a small file system can be mounted only by root");
    return new TinyDisk(where);
  }

  public Path path() {
    return mount;
  }

  /** Leaves about {@code kibibytes} of room. */
  public Path fill(int kibibytes) throws IOException {
    long room = mount.toFile().getUsableSpace() - ((long) kibibytes << 10);
    return Files.write(mount.resolve("ballast"), new byte[(int) room]);
  }

  @Override
  public void close() {
    Shell.succeeds("umount", "-l", mount.toString());
  }
}
