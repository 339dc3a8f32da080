package io.atelier.actors.run.file;

import com.fasterxml.jackson.core.JacksonException;
import io.atelier.actors.port.Seam;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from storage that may be remote. Errors such as a stale handle or a server that does not
 * answer are often transient, so a read that fails with one is retried a few times.
 */
public final class Storage {

  /** One read. It starts over at each try: an open file would keep a stale handle. */
  @FunctionalInterface
  public interface Read<T> {
    T read() throws IOException;
  }

  /** Waits for some time. */
  @FunctionalInterface
  interface Wait {
    void sleep(Duration time) throws InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

  /** Pauses between tries; about ten seconds in all, the time that a server needs to restart. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(6));

  /** System messages for paths that do not lead to what is read; such errors do not pass. */
  private static final Pattern LASTING =
      Pattern.compile("Is a directory|Not a directory|Too many levels of symbolic links");

  private Storage() {}

  /**
   * Reads {@code file}.
   *
   * @throws RunFolderException if the file is missing or may not be read
   * @throws ReadFailedException if the storage failed each time
   */
  public static <T> T read(Path file, Read<T> read) {
    return read(file, read, Storage::sleep);
  }

  /**
   * @param wait waits between tries
   */
  static <T> T read(Path file, Read<T> read, Wait wait) {
    for (int tries = 0; ; tries++) {
      try {
        return read.read();
      } catch (IOException e) {
        if (!isPassing(e)) {
          throw new RunFolderException("%s cannot be read: %s".formatted(file, reason(e)), e);
        }
        if (tries == PAUSES.size()) {
          throw new ReadFailedException(file, e);
        }
        Duration pause = PAUSES.get(tries);
        LOG.warn(
            "{} cannot be read now ({}); trying again in {} ms", file, reason(e), pause.toMillis());
        try {
          wait.sleep(pause);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new ReadFailedException(file, e);
        }
      }
    }
  }

  /** All bytes of a file. */
  public static byte[] bytes(Path file) {
    return read(file, () -> Files.readAllBytes(file));
  }

  /** The sorted entries of a folder, without stray files; empty if there is no such folder. */
  public static List<Path> list(Path folder) {
    return read(
        folder,
        () -> {
          try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !StrayFiles.isStray(entry)).sorted().toList();
          } catch (NoSuchFileException e) {
            return List.of();
          } catch (UncheckedIOException e) { // from the stream, while it is read
            throw e.getCause();
          }
        });
  }

  /** Whether a failure may be transient, unlike a missing file, a permission or bad content. */
  public static boolean isPassing(IOException failure) {
    return !(failure instanceof NoSuchFileException
        || failure instanceof AccessDeniedException
        || failure instanceof NotDirectoryException
        || failure instanceof FileSystemLoopException
        || failure instanceof CharacterCodingException
        || failure instanceof JacksonException
        || LASTING.matcher(String.valueOf(failure.getMessage())).find());
  }

  /** The reason why a file could not be read or written, without its name. */
  public static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileSystemLoopException) {
      return "it is a link to a folder that it is in";
    }
    String text =
        failure instanceof FileSystemException e && e.getReason() != null
            ? e.getReason()
            : failure.getMessage();
    return text == null ? failure.getClass().getSimpleName() : text;
  }

  @Seam("failing storage is given time; the reading thread has nothing else to do")
  private static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }
}
