package io.atelier.actors.run.file;

import io.atelier.models.files.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes files that are either complete and durable or absent. */
public final class Durable {

  private static final Logger LOG = LoggerFactory.getLogger(Durable.class);

  private Durable() {}

  /**
   * Replaces {@code file} by {@code content} atomically.
   *
   * @throws ReplacedException if another conductor has taken over; {@code file} is left alone
   */
  public static void replace(Path file, byte[] content, Fence fence) {
    replace(file, out -> out.write(content), fence);
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** The same for content that is too large to hold in memory. */
  public static void replace(Path file, Content content, Fence fence) {
    Path part = fence.aside(file);
    try {
      write(part, content);
      fence.check().run();
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      WriteFailedException failure = new WriteFailedException(file, e);
      tryDelete(part); // only now, so that the message shows the free space as it was
      throw failure;
    } catch (ReplacedException e) {
      tryDelete(part);
      throw e;
    }
  }

  /**
   * The same without fsync, for content that is not needed after a power cut: a reader finds the
   * old or the new content, unless the machine fails.
   */
  public static void swap(Path file, byte[] content, Fence fence) {
    Path part = fence.aside(file);
    try {
      Files.write(part, content);
      fence.check().run();
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      WriteFailedException failure = new WriteFailedException(file, e);
      tryDelete(part);
      throw failure;
    } catch (ReplacedException e) {
      tryDelete(part);
      throw e;
    }
  }

  /** Writes {@code content} to {@code file} and waits until it is on the disk. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, out -> out.write(content));
  }

  private static void write(Path file, Content content) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(out), 1 << 16);
      content.write(stream);
      stream.flush();
      out.force(true);
    }
  }

  /**
   * Replaces {@code file} by a copy of its beginning, opened for appending: a conductor that was
   * replaced without knowing it keeps writing to the old file only.
   *
   * @param length bytes to keep, 0 if there is no such file
   * @throws ReplacedException if another conductor has taken over; {@code file} is left alone
   */
  public static FileChannel goOn(Path file, long length, Fence fence) throws IOException {
    Path part = fence.aside(file);
    FileChannel out =
        FileChannel.open(
            part, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    try {
      out.truncate(0);
      if (length > 0) {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
          for (long at = 0; at < length; ) {
            at += in.transferTo(at, length - at, out);
          }
        }
        out.force(true);
      }
      fence.check().run();
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(file.toAbsolutePath().getParent());
      return out;
    } catch (IOException | RuntimeException e) {
      out.close();
      tryDelete(part);
      throw e;
    }
  }

  /** Makes the names in {@code folder} durable; without this a power cut could undo a rename. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Appends all of {@code bytes} to an open file.
   *
   * @param file its name, for messages
   * @throws WriteFailedException if they cannot all be written
   */
  public static void append(FileChannel out, ByteBuffer bytes, Path file) {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  /** SHA-256 of a file, in lower-case hexadecimal. */
  public static String sha256(Path file) throws IOException {
    return sha256(file, Long.MAX_VALUE);
  }

  /** The same for its first {@code length} bytes, or the whole file if it is shorter. */
  public static String sha256(Path file, long length) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[1 << 16];
      for (long left = length; left > 0; ) {
        int n = in.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (n < 0) {
          break;
        }
        digest.update(chunk, 0, n);
        left -= n;
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Like {@link #delete}, for files that do no harm if they stay: a failure is only logged. */
  public static void tryDelete(Path path) {
    try {
      delete(path);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted: {}", path, Storage.reason(e));
    }
  }

  /**
   * Deletes a file, or a folder and its content; does nothing if it does not exist. Links are not
   * followed.
   */
  public static void delete(Path path) throws IOException {
    if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file); // a stray file may vanish meanwhile
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
