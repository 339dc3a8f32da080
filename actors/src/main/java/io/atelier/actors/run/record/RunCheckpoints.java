package io.atelier.actors.run.record;

import io.atelier.actors.report.StepState;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.folder.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes checkpoints of a run into its folder, each with the run's identity. */
final class RunCheckpoints {
  private final RunFolder folder;
  private final RunFiles files;
  private final String config;
  private final Optional<byte[]> identity;
  private final CheckpointStore store;

  /**
   * @param keep number of checkpoints to keep
   */
  RunCheckpoints(RunFolder folder, int keep) {
    this.folder = folder;
    this.files = folder.files();
    this.config = new String(Storage.bytes(files.config()), StandardCharsets.UTF_8);
    this.identity =
        Files.notExists(files.identity())
            ? Optional.empty()
            : Optional.of(Storage.bytes(files.identity()));
    this.store =
        new CheckpointStore(
            files.checkpoints(), keep, folder.epoch(), path -> folder.requireMine());
  }

  /** The configuration of the run. */
  String config() {
    return config;
  }

  /** Writes a checkpoint and returns its path. */
  Path write(StepState state) {
    folder.requireMine();
    try {
      String ledger = Durable.sha256(files.ledger(), state.ledger().journalLength());
      return store.save(state, config, ledger, identity);
    } catch (IOException e) {
      folder.requireMine();
      throw new WriteFailedException(files.ledger(), e);
    } catch (WriteFailedException e) {
      folder.requireMine(); // the conductor that takes over deletes partial files
      throw e;
    }
  }
}
