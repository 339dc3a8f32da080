package io.atelier.actors.transport;

import io.aeron.CommonContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.IoUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of embedded media drivers: one for each data plane, named by its process, in memory where
 * there is such a file system. A process that is killed leaves its folder behind; the next one that
 * starts deletes it.
 */
final class DriverFolder {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String PREFIX = "atelier-driver-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{1,10})-.*");
  private static final long DRIVER_TIMEOUT_MILLIS = 10_000;

  private DriverFolder() {}

  /** A new, empty folder of this process. */
  static Path create() {
    Path parent = parent();
    try {
      deleteStale(parent);
      return Files.createTempDirectory(parent, PREFIX + ProcessHandle.current().pid() + "-");
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for the media driver in " + parent, e);
    }
  }

  private static Path parent() {
    return Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static void deleteStale(Path parent) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        if (name.matches() && isStale(folder, Long.parseLong(name.group(1)))) {
          LOG.info("deleting {}, which a dead process left", folder);
          IoUtil.delete(folder.toFile(), true);
        }
      }
    }
  }

  /** The process may live where its number means nothing here, so its driver is asked too. */
  private static boolean isStale(Path folder, long process) {
    return Files.isWritable(folder)
        && ProcessHandle.of(process).isEmpty()
        && !CommonContext.isDriverActive(folder.toFile(), DRIVER_TIMEOUT_MILLIS, line -> {});
  }
}
