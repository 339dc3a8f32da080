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
 * which follow each other on different nodes, number themselves.
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
   * Takes a folder for a fresh run; it must be missing or empty.
   *
   * @param config what {@link RunFiles#config()} is to hold
   */
  public static RunFolder create(Path root, String config) {
    RunFiles files = new RunFiles(root);
    requireFree(root);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new WriteFailedException(root, e);
    }
    RunFolder folder = locked(files);
    try {
      requireFree(root); // another process may have been faster
      folder.fresh = true;
      folder.reconfigure(config);
      return folder;
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Takes the folder of a run that was stopped. */
  public static RunFolder resume(Path root) {
    RunFiles files = existing(root);
    if (!Files.notExists(files.epochs())) { // nor when the storage does not say
      throw new RunFolderException(
          ("run folder %s is that of a run on a cluster, whose nodes may still write to it; go on"
                  + " with it on a cluster, by run.dir=%s")
              .formatted(root, root));
    }
    return locked(files);
  }

  /**
   * Takes a folder that the nodes of a cluster share, for a fresh run or one that goes on: whoever
   * had it before writes no more, dead or not.
   *
   * @param config what {@link RunFiles#config()} is to hold, if the run is fresh
   * @param check given the files of a run that is there; if it throws, that run is left alone
   */
  public static RunFolder takeOver(Path root, String config, Consumer<RunFiles> check) {
    RunFiles files = new RunFiles(root);
    if (Files.exists(files.lock())) {
      throw new RunFolderException(
          "run folder %s is that of a run in one process; name another one by run.dir="
              .formatted(root));
    }
    if (!Files.notExists(files.config())) { // nor when the storage does not say
      check.accept(files);
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

  /** Keeps what is written into the folder apart from what other conductors write. */
  public Fence fence() {
    return new Fence(epoch(), this::requireMine);
  }

  /** Where this conductor writes what is to become {@code file}. */
  public Path aside(Path file) {
    return fence().aside(file);
  }

  /**
   * Makes way for a run that begins anew: what an earlier one recorded gets another name.
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
          Files.copy(file, other); // the measurements of the base stay good
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

  /** Whether whoever had the folder before was told to pause; a run in one JVM does not ask. */
  public boolean isPaused() {
    return epochs.isPresent() && Files.exists(files.paused());
  }

  /**
   * Lets the next conductor that takes the folder over begin with a pause, or without. A run in one
   * JVM that is resumed was told to go on by that.
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

  /** The files of a run, to be read only; fails if {@code root} is no run folder. */
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

  /** Who writes a folder now, as far as its lock says; a cluster has none. */
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

  /** Replaces the configuration of a run that goes on. */
  public void reconfigure(String config) {
    Durable.replace(files.config(), config.getBytes(StandardCharsets.UTF_8), fence());
  }

  /** Adds to what is another value from a step on. */
  public void amend(List<Amendment> more) {
    List<Amendment> all = AmendmentFile.read(files.amendments());
    all.addAll(more);
    AmendmentFile.write(files.amendments(), all, fence());
  }

  /**
   * Steps at which the process before this one failed.
   *
   * @return empty if it did not fail, or if there was none; to be asked before this one begins
   */
  public OptionalInt failedAt() {
    return StateFile.failedAt(files.state());
  }

  public RunFiles files() {
    return files;
  }

  /** Fails unless a fresh run could take {@code root}. */
  public static void requireFree(Path root) {
    Checkpoint.requireOutside(root);
    if (!Files.exists(root)) {
      requireRoomFor(root);
    }
    if (Files.notExists(root)) {
      return;
    }
    if (!Files.isDirectory(root)) {
      throw new RunFolderException(
          "run.dir %s is a file; name a folder that is empty or missing".formatted(root));
    }
    RunFiles files = new RunFiles(root);
    if (Storage.list(root).stream().allMatch(entry -> entry.equals(files.lock()))) {
      return;
    }
    throw new RunFolderException(
        Files.exists(files.config())
            ? ("run folder %s holds a run already; go on with it by --resume %s, or name another"
                    + " folder by run.dir=")
                .formatted(root, root)
            : "run folder %s is not empty; name an empty or missing one by run.dir="
                .formatted(root));
  }

  /** As far as it can be seen without making it. */
  private static void requireRoomFor(Path root) {
    Path parent = root.toAbsolutePath().normalize().getParent();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    if (parent != null && !(Files.isDirectory(parent) && Files.isWritable(parent))) {
      throw new RunFolderException(
          "run.dir %s cannot be made: %s is no folder that can be written to"
              .formatted(root, parent));
    }
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
   * Gives the folder free after a failure. If this process began the run and nothing was recorded,
   * its files go away, so that the next try finds the folder as this one did.
   *
   * @return where the log of the failed try is now, or the run folder if it has none; empty if the
   *     folder stays as it is
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
      // the run goes on elsewhere
    } catch (IOException e) { // a folder that was there before, with stray files
      LOG.info("{} stays: {}", files.root(), Storage.reason(e));
    } finally {
      close();
    }
    return log;
  }

  /** Gives the folder free. */
  @Override
  public void close() {
    free.run();
  }
}
