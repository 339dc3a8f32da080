package io.atelier.actors.run.folder;

import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointOrigin;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run that continues from a checkpoint of another run in its own folder, with what that run had
 * recorded until then. {@code fork.json} of the folder names the parent.
 */
public final class Fork {

  private static final String NAME = "fork.json";

  private final RunFiles parent;
  private final Path checkpoint;
  private final int step;

  private Fork(RunFiles parent, Path checkpoint, int step) {
    this.parent = parent;
    this.checkpoint = checkpoint;
    this.step = step;
  }

  /**
   * Selects a checkpoint to fork from and verifies it against its manifest and the ledger.
   *
   * @param wanted steps trained of the checkpoint; empty for the newest
   */
  public static Fork of(RunFiles parent, Optional<Integer> wanted) {
    List<Path> checkpoints = new CheckpointStore(parent.checkpoints(), 1).list();
    Path checkpoint =
        checkpoints.stream()
            .filter(
                path ->
                    wanted.isEmpty()
                        || path.getFileName().toString().equals(RunFiles.step(wanted.get())))
            .findFirst()
            .orElseThrow(
                () ->
                    new RunFolderException(
                        "run %s has no checkpoint%s; there are %s"
                            .formatted(
                                parent.root(),
                                wanted.map(step -> " of step " + step).orElse(""),
                                checkpoints.stream().map(Path::getFileName).toList())));
    int step = Checkpoint.verify(checkpoint);
    long length = Checkpoint.ledger(checkpoint).journalLength();
    try {
      CheckpointOrigin.read(checkpoint).requireFits(checkpoint, parent.ledger(), length);
    } catch (IOException e) {
      throw new ReadFailedException(checkpoint, e);
    }
    return new Fork(parent, checkpoint, step);
  }

  /** Steps trained when the fork begins. */
  public int step() {
    return step;
  }

  /** Copies what the fork continues with into its folder. */
  public void into(RunFolder folder) {
    RunFiles files = folder.files();
    try {
      copy(checkpoint, files.checkpoints().resolve(checkpoint.getFileName()));
      for (Path file : List.of(parent.ledger(), parent.metrics(), parent.evaluations())) {
        if (Files.exists(file)) { // later steps in them are dropped when the run resumes
          Files.copy(file, files.root().resolve(file.getFileName()));
        }
      }
      if (Files.exists(parent.identity())) {
        Files.copy(parent.identity(), files.identity());
      }
      if (Files.exists(parent.grid(0))) {
        Files.createDirectories(files.images());
        Files.copy(parent.grid(0), files.grid(0));
      }
    } catch (IOException e) {
      throw new WriteFailedException(files.root(), e);
    }
    folder.amend(
        AmendmentFile.read(parent.amendments()).stream()
            .filter(amendment -> amendment.from() < step)
            .toList());
    Map<String, Object> said =
        Map.of(
            "parent", parent.root().toAbsolutePath().normalize().toString(),
            "step", step,
            "fingerprint", RunIdentity.read(parent).map(RunIdentity::fingerprint).orElse(""));
    Durable.replace(files.root().resolve(NAME), Json.pretty(said), folder.fence());
  }

  /** Deletes what was copied into a folder that was empty before. */
  public static void undo(RunFolder folder) {
    for (Path entry : Storage.list(folder.files().root())) {
      if (!entry.equals(folder.files().lock())) {
        Durable.tryDelete(entry);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }
}
