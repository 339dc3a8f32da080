package io.atelier.actors.ledger.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The ledger of a run folder: one JSON object per line, appended. A line counts once its line break
 * is written; a torn last line, as a killed run leaves it, is ignored by the reader and cut off on
 * resume.
 */
public final class LedgerFile implements LedgerJournal, AutoCloseable {

  /**
   * What was read.
   *
   * @param entries the lines, in order
   * @param tornBytes bytes after the last line break
   */
  public record Content(List<LedgerEntry> entries, long tornBytes) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel channel;

  private LedgerFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Starts the ledger of a fresh run; fails if the file exists. */
  public static LedgerFile create(Path path) throws IOException {
    return new LedgerFile(
        path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  /**
   * Goes on with the ledger of a run that is resumed from a checkpoint: what was written after the
   * checkpoint is left out, since the run repeats it. The file is a new one under the old name, so
   * that a conductor which was replaced without knowing can write into the old one only.
   *
   * @param length {@link LedgerSnapshot#journalLength()} of the checkpoint
   * @param copy where the new file is written, which nobody else writes
   * @param check called right before it is put in place; throws if that must not be
   */
  public static LedgerFile resume(Path path, long length, Path copy, Runnable check)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            copy,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try (FileChannel old = FileChannel.open(path, StandardOpenOption.READ)) {
      if (old.size() < length) {
        throw new LedgerCorruptException(
            "%s has %d bytes, but the checkpoint was made when it had %d; it was cut or replaced"
                .formatted(path, old.size(), length));
      }
      for (long done = 0; done < length; ) {
        done += old.transferTo(done, length - done, channel);
      }
      channel.force(true);
      check.run();
      Files.move(copy, path, StandardCopyOption.ATOMIC_MOVE);
      return new LedgerFile(path, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      Files.deleteIfExists(copy);
      throw e;
    }
  }

  @Override
  public void append(LedgerEntry entry) {
    try {
      String line = JSON.writeValueAsString(entry) + "\n";
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write to the ledger %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  @Override
  public long force() {
    try {
      channel.force(false);
      return channel.size();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write to the ledger %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * Reads the lines of a ledger.
   *
   * @throws LedgerCorruptException if a complete line is no entry; names the line
   */
  public static Content read(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    List<LedgerEntry> entries = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        entries.add(parse(path, entries.size() + 1, line));
        start = i + 1;
      }
    }
    return new Content(entries, bytes.length - start);
  }

  private static LedgerEntry parse(Path path, int number, String line) {
    try {
      return JSON.readValue(line, LedgerEntry.class);
    } catch (JsonProcessingException e) {
      throw new LedgerCorruptException(
          "%s line %d is not a ledger entry: %s".formatted(path, number, e.getOriginalMessage()),
          e);
    }
  }
}
