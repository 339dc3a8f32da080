package io.atelier.actors.run.folder;

import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run folder in use by this process. A run in one JVM locks it; the conductors of a cluster,
 * which succeed each other on different nodes, claim numbers.
 */
public final class RunFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

  private final RunFiles files;
  private final Optional<Epochs> epochs;
  private final Runnable free;

  /** Whether this process began the run. */
  private boolean fresh;

  private RunFolder(RunFiles files, Optional<Epochs> epochs, Runnable free) {
    this.files = files;
    this.epochs = epochs;
    this.free = free;
  }

  /**
   * Claims a folder for a fresh run; it must be missing or empty.
   *
   * @param config content of {@link RunFiles#config()}
   */
  public static RunFolder create(Path root, String config) {
    RunFiles files = new RunFiles(root);
    FreeFolder.require(root);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new WriteFailedException(root, e);
    }
    RunFolder folder = locked(files);
    try {
      FreeFolder.require(root); // another process may have been faster
      folder.fresh = true;
      folder.reconfigure(config);
      return folder;
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Claims the folder of a run that was stopped. */
  public static RunFolder resume(Path root) {
    RunFiles files = existing(root);
    if (!Files.notExists(files.epochs())) { // also if the storage fails to tell
      throw new RunFolderException(
          ("run folder %s belongs to a run on a cluster, whose nodes may still write to it;"
                  + " resume it on a cluster with run.dir=%s")
              .formatted(root, root));
    }
    return locked(files);
  }

  /**
   * Takes over a folder that the nodes of a cluster share, for a fresh or resumed run: its previous
   * conductor writes no more, dead or not.
   *
   * @param config content of {@link RunFiles#config()}, if the run is fresh
   * @param check given the files of an existing run; if it throws, that run is left alone
   */
  public static RunFolder takeOver(Path root, String config, Consumer<RunFiles> check) {
    RunFiles files = new RunFiles(root);
    if (Files.exists(files.lock())) {
      throw new RunFolderException(
          "run folder %s belongs to a run in one process; name another one by run.dir="
              .formatted(root));
    }
    if (!Files.notExists(files.config())) { // also if the storage fails to tell
      check.accept(files);
    } else if (Files.notExists(files.epochs())) {
      FreeFolder.requireOnCluster(root);
    }
    Epochs epochs = Epochs.claim(files.epochs());
    RunFolder folder = new RunFolder(files, Optional.of(epochs), () -> {});
    if (Files.notExists(files.config())) {
      folder.fresh = true;
      folder.reconfigure(config);
    }
    return folder;
  }

  /** Which conductor of the run this is: 0 in one JVM, from 1 in a cluster. */
  public int epoch() {
    return epochs.map(Epochs::mine).orElse(0);
  }

  /**
   * Fails if another conductor has taken the folder over.
   *
   * @throws ReplacedException if so
   */
  public void requireMine() {
    epochs.ifPresent(Epochs::requireMine);
  }

  /** Fences writes to the folder from those of other conductors. */
  public Fence fence() {
    return new Fence(epoch(), this::requireMine);
  }

  /** The temporary file that this conductor writes before it is renamed to {@code file}. */
  public Path aside(Path file) {
    return fence().aside(file);
  }

  /**
   * Makes room for a run that starts over: renames what an earlier one recorded.
   *
   * @return the new names
   */
  public List<Path> putAside() {
    requireMine();
    List<Path> kept = new ArrayList<>();
    for (Path file :
        List.of(files.ledger(), files.metrics(), files.evaluations(), files.groups())) {
      try {
        if (Files.size(file) == 0) {
          Files.delete(file);
          continue;
        }
        int number = 1;
        Path other;
        do {
          other = file.resolveSibling("%s.before-%d".formatted(file.getFileName(), number++));
        } while (Files.exists(other));
        if (file.equals(files.evaluations())) {
          Files.copy(file, other); // the measurements of the base remain valid
        } else {
          Files.move(file, other, StandardCopyOption.ATOMIC_MOVE);
        }
        kept.add(other);
      } catch (NoSuchFileException e) {
        // not written yet
      } catch (IOException e) {
        throw new WriteFailedException(file, e);
      }
    }
    return kept;
  }

  /** Whether the previous conductor was told to pause; always false for a run in one JVM. */
  public boolean isPaused() {
    return epochs.isPresent() && Files.exists(files.paused());
  }

  /**
   * Sets whether the next conductor of the folder starts paused. No effect for a run in one JVM:
   * resuming it unpauses it.
   */
  public void pause(boolean pause) {
    requireMine();
    if (epochs.isEmpty()) {
      return;
    }
    if (pause) {
      Durable.replace(files.paused(), new byte[0], fence());
    } else {
      try {
        Files.deleteIfExists(files.paused());
      } catch (IOException e) {
        throw new WriteFailedException(files.paused(), e);
      }
    }
  }

  /** The files of a run, for reading only; fails if {@code root} is not a run folder. */
  public static RunFiles existing(Path root) {
    if (!Files.isDirectory(root)) {
      throw new RunFolderException(
          "run folder %s does not exist; name the folder that a run wrote".formatted(root));
    }
    RunFiles files = new RunFiles(root);
    if (Checkpoint.isCheckpoint(root)) {
      throw new RunFolderException(
          "%s is a checkpoint; name the folder of its run".formatted(root));
    }
    if (!Files.isRegularFile(files.config())) {
      throw new RunFolderException(
          "%s is not a run folder: it has no config.conf; name the folder that a run wrote"
              .formatted(root));
    }
    return files;
  }

  /** Who writes a folder now, according to its lock; a cluster has none. */
  public static Optional<String> holder(RunFiles files) {
    return FolderLock.holder(files.lock());
  }

  /** The first of {@code parent/001, parent/002 …} that does not exist. */
  public static Path nextFree(Path parent) {
    for (int i = 1; ; i++) {
      Path candidate = parent.resolve(String.format(Locale.ROOT, "%03d", i));
      if (Files.notExists(candidate)) {
        return candidate;
      }
    }
  }

  /** Replaces the configuration of a resumed run. */
  public void reconfigure(String config) {
    Durable.replace(files.config(), config.getBytes(StandardCharsets.UTF_8), fence());
  }

  /** Appends amendments to those of the run. */
  public void amend(List<Amendment> more) {
    List<Amendment> all = AmendmentFile.read(files.amendments());
    all.addAll(more);
    AmendmentFile.write(files.amendments(), all, fence());
  }

  /**
   * Steps trained when the previous process failed.
   *
   * @return empty if it did not fail, or if there was none; call this before the process begins
   */
  public OptionalInt failedAt() {
    return StateFile.failedAt(files.state());
  }

  public RunFiles files() {
    return files;
  }

  private static RunFolder locked(RunFiles files) {
    FolderLock lock = FolderLock.take(files.lock(), holder -> inUse(files, holder));
    return new RunFolder(files, Optional.empty(), lock::close);
  }

  private static RunFolderException inUse(RunFiles files, String holder) {
    return new RunFolderException(
        "run folder %s is in use by %s; wait for it, or name another folder by run.dir="
            .formatted(files.root(), holder));
  }

  private static Path real(Path root) {
    return Storage.read(root, root::toRealPath);
  }

  /**
   * Releases the folder after a failure. If this process began the run and nothing was recorded,
   * its files are deleted, so that the next try finds the folder as this one did.
   *
   * @return the new path of the log of the failed try, or the run folder if it has none; empty if
   *     the folder is left as it is
   */
  public Optional<Path> abandon() {
    Optional<Path> log = Optional.empty();
    try {
      if (fresh) {
        requireMine();
        log = FailedStart.remove(files);
        if (log.isPresent() && epochs.isEmpty()) {
          Files.deleteIfExists(files.lock());
          Files.deleteIfExists(files.root());
        }
      }
    } catch (ReplacedException e) {
      // the run continues elsewhere
    } catch (IOException e) { // a folder that existed before, with stray files
      LOG.info("{} is not deleted: {}", files.root(), Storage.reason(e));
    } finally {
      close();
    }
    return log;
  }

  /** Releases the folder. */
  @Override
  public void close() {
    free.run();
  }
}
