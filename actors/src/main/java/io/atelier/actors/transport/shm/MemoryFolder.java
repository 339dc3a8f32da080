package io.atelier.actors.transport.shm;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.wire.FolderName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/**
 * A folder of one data plane, in memory where there is such a file system. Its owner holds a lock
 * on it, so a folder without one was left by a process that was killed; the next data plane that
 * starts deletes it.
 */
public final class MemoryFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lock;

  private MemoryFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * A new, empty folder. What dead processes left is deleted first.
   *
   * @param need room that there has to be
   * @throws HostLimitException if there is less, or nothing can be written
   */
  public static MemoryFolder create(MemoryNeed need) {
    Path parent = parent();
    try {
      deleteStale(parent);
      need.require(parent);
      Path path = Files.createTempDirectory(parent, own());
      // locked before it has its name, so that nobody finds it without a lock
      Path unnamed = path.resolve("unlocked");
      FileChannel lock =
          FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock.lock();
      Files.move(unnamed, path.resolve(LOCK));
      return new MemoryFolder(path, lock);
    } catch (IOException e) {
      throw new HostLimitException(
          "no folder for connections can be made in %s (%s); make room there, or let this user write"
              .formatted(parent, e),
          e);
    }
  }

  /** Where the folders are: in memory, or else among temporary files. */
  public static Path parent() {
    return isInMemory()
        ? FolderName.MEMORY
        : Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
  }

  /** Whether files of these folders are memory. */
  public static boolean isInMemory() {
    return Files.isWritable(FolderName.MEMORY);
  }

  private static String own() {
    return FolderName.PREFIX + ProcessHandle.current().pid() + "-";
  }

  private static void deleteStale(Path parent) throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(parent, FolderName.PREFIX + "*")) {
      for (Path folder : folders) {
        // opening and closing the lock file of this process would let go of its locks
        if (!folder.getFileName().toString().startsWith(own()) && isStale(folder.resolve(LOCK))) {
          LOG.info("deleting {}, which a dead process left", folder);
          IoUtil.delete(folder.toFile(), true);
        }
      }
    }
  }

  private static boolean isStale(Path lock) {
    if (!Files.isWritable(lock)) {
      return false; // of another user, or not made yet
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      return taken != null;
    } catch (IOException | OverlappingFileLockException e) {
      LOG.debug("cannot tell whether {} is in use", lock, e);
      return false;
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    IoUtil.delete(path.toFile(), true);
    CloseHelper.close(lock);
  }
}
