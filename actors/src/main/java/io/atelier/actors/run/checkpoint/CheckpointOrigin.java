package io.atelier.actors.run.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The conductor that wrote a checkpoint and the ledger that it belongs to; {@code origin.json} in
 * its folder. A conductor that was replaced without knowing it may leave a complete checkpoint
 * whose steps are not those of the ledger that the run continued with.
 *
 * @param epoch number of the conductor, 0 in one JVM
 * @param ledgerSha256 hash of the run's ledger up to the checkpoint, lower-case hexadecimal
 */
public record CheckpointOrigin(int epoch, String ledgerSha256) {

  static final String NAME = "origin.json";

  /** For a checkpoint from before this file existed: any conductor, any ledger. */
  static final CheckpointOrigin UNKNOWN = new CheckpointOrigin(0, "");

  /** Reads the origin of a checkpoint. */
  public static CheckpointOrigin read(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(NAME);
    if (!Files.isDirectory(checkpoint)) {
      return UNKNOWN;
    }
    try {
      CheckpointOrigin origin =
          Json.MAPPER.readValue(Files.readAllBytes(file), CheckpointOrigin.class);
      if (origin == null || origin.ledgerSha256() == null) {
        throw new CheckpointException("%s is damaged: it is empty".formatted(file));
      }
      return origin;
    } catch (NoSuchFileException e) {
      return UNKNOWN;
    } catch (JsonProcessingException e) {
      throw new CheckpointException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Fails unless the ledger begins as it did when the checkpoint was written.
   *
   * @param checkpoint whose origin this is
   * @param length {@link LedgerSnapshot#journalLength()} of the checkpoint
   */
  public void requireFits(Path checkpoint, Path ledger, long length) throws IOException {
    String name = checkpoint.getFileName().toString();
    long size;
    try {
      size = Files.size(ledger);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("%s is missing, which %s needs".formatted(ledger, name), e);
    }
    if (size < length) {
      throw new CheckpointException(
          "%s has %d bytes, but %s was made when it had %d; it was cut or replaced"
              .formatted(ledger, size, name, length));
    }
    if (!ledgerSha256.isEmpty() && !ledgerSha256.equals(Durable.sha256(ledger, length))) {
      throw new CheckpointException(
          "%s does not begin as it did when %s was made; one of them is of another conductor or was"
                  .formatted(ledger, name)
              + " changed");
    }
  }
}
