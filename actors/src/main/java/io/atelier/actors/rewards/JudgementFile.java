package io.atelier.actors.rewards;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code judgements.jsonl}: what judges wrote, a JSON object on each line. Processes that share the
 * folder append to one file under a file lock. A full file replaces the old one, so that the newest
 * answers are kept. Thread-safe.
 */
public final class JudgementFile {

  private static final Logger LOG = LoggerFactory.getLogger(JudgementFile.class);

  /** Size in bytes at which a file is full. */
  private static final long FULL = 64L << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Path old;
  private final long full;
  private boolean broken;

  /**
   * @param file created when there is something to write
   */
  public JudgementFile(Path file) {
    this(file, FULL);
  }

  JudgementFile(Path file, long full) {
    this.file = file;
    this.old = file.resolveSibling(file.getFileName() + ".old");
    this.full = full;
  }

  /**
   * Adds judgements. They are for people, and decide nothing: if they cannot be written, this is
   * logged once, and the run goes on without them.
   */
  synchronized void add(List<Judgement> judgements) {
    if (broken || judgements.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    try {
      for (Judgement judgement : judgements) {
        lines.append(JSON.writeValueAsString(judgement.line())).append('\n');
      }
      synchronized (JudgementFile.class) { // since a file lock belongs to the process
        write(StandardCharsets.UTF_8.encode(lines.toString()));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      broken = true;
      LOG.warn("{} cannot be written, so what judges write is no longer kept: {}", file, e + "");
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.lock(); // until it is closed
      long end = out.size();
      while (bytes.hasRemaining()) {
        end += out.write(bytes, end);
      }
      if (end >= full) {
        Files.move(file, old, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }
}
