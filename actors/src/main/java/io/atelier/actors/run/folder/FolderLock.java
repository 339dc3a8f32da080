package io.atelier.actors.run.folder;

import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** An exclusive lock on a folder: one process at a time holds a lock on a file in it. */
public final class FolderLock implements AutoCloseable {

  /**
   * Folders that this process holds. A POSIX lock belongs to the process and is released when the
   * process closes any channel on the file, so a second attempt must not open one.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;

  private FolderLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Locks the folder that contains {@code lock}.
   *
   * @param lock created if it is missing, and never deleted
   * @param inUse creates the exception if it is locked already, given the name of the holder
   */
  public static FolderLock take(Path lock, Function<String, RuntimeException> inUse) {
    Path key = Storage.read(lock.getParent(), () -> lock.getParent().toRealPath());
    if (!HELD.add(key)) {
      throw inUse.apply("this process");
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              lock, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        byte[] holder =
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0).write(ByteBuffer.wrap(holder), 0);
        return new FolderLock(key, channel);
      }
      String holder = new String(Storage.bytes(lock), StandardCharsets.US_ASCII);
      throw inUse.apply(holder.isEmpty() ? "another process" : "process " + holder);
    } catch (IOException | RuntimeException e) {
      close(channel);
      HELD.remove(key);
      throw e instanceof RuntimeException refused ? refused : new WriteFailedException(lock, e);
    }
  }

  /** Who holds a folder now, according to its lock. */
  static Optional<String> holder(Path lock) {
    try {
      if (HELD.contains(lock.getParent().toRealPath())) {
        return Optional.of("this process"); // closing a channel would lose its lock
      }
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE);
          FileLock taken = channel.tryLock()) {
        return taken == null ? Optional.of("process " + Files.readString(lock)) : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty(); // no lock, or one that this user may not read
    }
  }

  @Override
  public void close() {
    close(channel);
    HELD.remove(key);
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // the lock is released with the process at the latest
    }
  }
}
