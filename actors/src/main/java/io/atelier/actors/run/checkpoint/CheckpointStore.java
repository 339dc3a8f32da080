package io.atelier.actors.run.checkpoint;

import io.atelier.actors.ledger.journal.LedgerCorruptException;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: folders {@code step-000040} that appear complete or not at all. A
 * checkpoint is written to a temporary folder, every file is synced and listed in a manifest with
 * its SHA-256, and the folder is renamed into place.
 *
 * <p>A checkpoint holds {@code policy.safetensors} and {@code critic.safetensors} (everything that
 * learning needs), {@code policy-versions/} and {@code critic-versions/} (published weights, among
 * them those of the step itself), {@code ledger.json}, {@code config.conf}, {@code identity.json},
 * {@code origin.json} and {@code manifest.json}.
 */
public final class CheckpointStore {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);

  private static final Pattern NAME = Pattern.compile("step-[0-9]{6,9}");

  /** Temporary folders of a conductor for writing and deleting; its number is in the name. */
  private static final Pattern ASIDE = Pattern.compile("\\.(?:writing|old)-([0-9]{1,9})-.*");

  private final Path folder;
  private final int keep;
  private final int epoch;
  private final Consumer<Path> before;

  /**
   * @param folder folder of the checkpoints; created when the first one is written
   * @param keep how many to keep, newest first, at least 1
   */
  public CheckpointStore(Path folder, int keep) {
    this(folder, keep, 0, path -> {});
  }

  /**
   * @param epoch number of the conductor that writes: each has its own temporary folders, and
   *     leaves alone those of newer ones
   * @param before called with every completed file, and before a path is put in place, moved or
   *     deleted; throws {@link ReplacedException} to prevent that
   */
  public CheckpointStore(Path folder, int keep, int epoch, Consumer<Path> before) {
    if (keep < 1) {
      throw new IllegalArgumentException("at least one checkpoint must stay, got " + keep);
    }
    this.folder = folder;
    this.keep = keep;
    this.epoch = epoch;
    this.before = before;
  }

  public Path save(StepState state, String config, String ledgerSha256) {
    return save(state, config, ledgerSha256, Optional.empty());
  }

  /**
   * Writes a checkpoint durably, so that it survives a power cut. Then deletes the oldest beyond
   * the number to keep; a failure to delete them is only logged.
   *
   * @param config the resolved configuration of the run
   * @param ledgerSha256 hash of the run's ledger up to {@link
   *     io.atelier.actors.ledger.journal.LedgerSnapshot#journalLength()}
   * @param identity {@code identity.json} of the run, if it has one
   * @return the checkpoint's folder
   * @throws ReplacedException if a newer conductor has a checkpoint there
   */
  public Path save(StepState state, String config, String ledgerSha256, Optional<byte[]> identity) {
    Path target = folder.resolve(RunFiles.step(state.step()));
    Path written = aside("writing", target);
    try {
      Files.createDirectories(folder);
      deleteLeftovers();
      Files.createDirectories(written);
      writeTensors(written, state);
      write(written.resolve("config.conf"), config.getBytes(StandardCharsets.UTF_8));
      if (identity.isPresent()) {
        write(written.resolve(RunFiles.IDENTITY), identity.get());
      }
      write(written.resolve(Checkpoint.LEDGER), Json.pretty(state.ledger()));
      write(
          written.resolve(CheckpointOrigin.NAME),
          Json.pretty(new CheckpointOrigin(epoch, ledgerSha256)));
      CheckpointManifest manifest = CheckpointManifest.of(written, state.step());
      write(written.resolve(CheckpointManifest.NAME), Json.pretty(manifest));
      Durable.sync(written);
      put(written, target);
      Durable.sync(folder);
    } catch (IOException | SafetensorsException e) {
      WriteFailedException failure = new WriteFailedException(target, e);
      Durable.tryDelete(written); // only now, so that the message shows the free space as it was
      throw failure;
    } catch (ReplacedException e) {
      Durable.tryDelete(written);
      throw e;
    }
    prune(state.step());
    return target;
  }

  private Path aside(String what, Path target) {
    return folder.resolve(".%s-%d-%s".formatted(what, epoch, target.getFileName()));
  }

  /**
   * Renames a checkpoint into place; never overwrites an existing one, which is renamed and kept.
   */
  private void put(Path written, Path target) throws IOException {
    before.accept(target);
    try {
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.notExists(target)) {
        throw e;
      }
      displace(target);
      before.accept(target);
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * Renames a checkpoint that blocks the place of a new one: it was found damaged on resume, or a
   * replaced conductor wrote it late.
   */
  private void displace(Path target) throws IOException {
    int number = 1;
    Path kept;
    do {
      kept = target.resolveSibling("%s.replaced-%d".formatted(target.getFileName(), number++));
    } while (Files.exists(kept));
    move(target, kept);
    LOG.warn("{} existed already; it is written again, the old one is kept as {}", target, kept);
  }

  /** Moves a checkpoint away, unless a newer conductor has put another one there meanwhile. */
  private void move(Path checkpoint, Path to) throws IOException {
    requireNotNewer(checkpoint);
    before.accept(checkpoint);
    Files.move(checkpoint, to, StandardCopyOption.ATOMIC_MOVE);
    try {
      requireNotNewer(to);
    } catch (ReplacedException e) {
      Files.move(to, checkpoint, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
  }

  private void requireNotNewer(Path checkpoint) throws IOException {
    int other;
    try {
      other = CheckpointOrigin.read(checkpoint).epoch();
    } catch (CheckpointException e) {
      return; // from no conductor, since none puts a damaged one in place
    }
    if (other > epoch) {
      throw new ReplacedException(
          "%s is of conductor %d, which has taken over this run (this one is number %d)"
              .formatted(checkpoint, other, epoch));
    }
  }

  private void writeTensors(Path aside, StepState state) throws IOException {
    save(aside.resolve(Checkpoint.POLICY + Checkpoint.SUFFIX), state.policy(), state.step());
    save(aside.resolve(Checkpoint.CRITIC + Checkpoint.SUFFIX), state.critic(), state.step());
    saveVersions(aside, Checkpoint.POLICY, state.policyVersions());
    saveVersions(aside, Checkpoint.CRITIC, state.criticVersions());
  }

  private void saveVersions(Path aside, String stream, SortedMap<Long, NamedTensors> versions)
      throws IOException {
    Path directory = Files.createDirectories(aside.resolve(stream + Checkpoint.VERSIONS));
    for (Map.Entry<Long, NamedTensors> version : versions.entrySet()) {
      save(
          Checkpoint.versionFile(directory, version.getKey()),
          version.getValue(),
          version.getKey());
    }
    Durable.sync(directory);
  }

  private void save(Path file, NamedTensors tensors, long step) {
    TensorFiles.save(file, tensors, Map.of("atelier.step", Long.toString(step)));
    before.accept(file);
  }

  private void write(Path file, byte[] content) throws IOException {
    Durable.write(file, content);
    before.accept(file);
  }

  /** Deletes what this conductor or an earlier one left incomplete, but nothing of a newer one. */
  private void deleteLeftovers() {
    for (Path entry : Storage.list(folder)) {
      Matcher name = ASIDE.matcher(entry.getFileName().toString());
      if (name.matches() && Integer.parseInt(name.group(1)) <= epoch) {
        before.accept(entry);
        Durable.tryDelete(entry);
      }
    }
  }

  /**
   * Keeps the newest checkpoints up to step {@code newest} and deletes older ones. A checkpoint of
   * a later step was skipped on resume: it does not count, and is not deleted.
   */
  private void prune(int newest) {
    try {
      List<Path> own = list().stream().filter(c -> stepOf(c) <= newest).toList();
      for (Path old : own.subList(Math.min(keep, own.size()), own.size())) {
        remove(old);
      }
    } catch (IOException | RunFolderException | ReadFailedException e) {
      LOG.warn("old checkpoints in {} could not be deleted: {}", folder, e.getMessage());
    }
  }

  /** Deletes a checkpoint, renaming it first, so that nobody ever sees a partial one. */
  private void remove(Path old) throws IOException {
    Set<String> foreign = CheckpointManifest.names(old);
    foreign.removeAll(CheckpointManifest.listed(old));
    if (!foreign.isEmpty()) {
      LOG.warn("{} is not deleted: {} in it was not written by this program", old, foreign);
      return;
    }
    Path aside = aside("old", old);
    Durable.delete(aside);
    move(old, aside);
    Durable.tryDelete(aside);
  }

  /** Folders with the name of a checkpoint, newest first. They may be damaged. */
  public List<Path> list() {
    return Storage.list(folder).stream()
        .filter(entry -> NAME.matcher(entry.getFileName().toString()).matches())
        .sorted(Comparator.comparingInt(CheckpointStore::stepOf).reversed())
        .toList();
  }

  private static int stepOf(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("step-".length()));
  }

  /**
   * Reads the newest checkpoint that is intact and matches the ledger. Empty only if there is no
   * checkpoint at all.
   *
   * @param ledger the run's ledger
   * @param skipped receives one line for each newer one that cannot be used, with the reason
   * @throws RunFolderException if there are checkpoints but none can be used, if a newer program
   *     wrote one, or if those of a run that ended are gone
   * @throws ReadFailedException if the storage fails: an older checkpoint must not be used instead
   */
  public Optional<StepState> latest(Path ledger, Consumer<String> skipped) {
    List<Path> all = list();
    List<String> reasons = new ArrayList<>();
    for (Path checkpoint : all) {
      try {
        StepState state = Checkpoint.read(checkpoint);
        Storage.read(
            ledger,
            () -> {
              CheckpointOrigin.read(checkpoint)
                  .requireFits(checkpoint, ledger, state.ledger().journalLength());
              return state;
            });
        reasons.forEach(skipped);
        return Optional.of(state);
      } catch (NewerFormatException e) {
        throw new RunFolderException(e.getMessage() + "; nothing was changed", e);
      } catch (CheckpointException e) {
        reasons.add("checkpoint %s is skipped: %s".formatted(name(checkpoint), e.getMessage()));
      }
    }
    if (all.isEmpty()) {
      if (hasEnded(ledger)) {
        throw new RunFolderException(
            ("the run ended with a checkpoint, but %s has none; put them back, or start"
                    + " another run by run.dir=")
                .formatted(folder));
      }
      return Optional.empty();
    }
    throw new RunFolderException(
        ("none of the %d checkpoint(s) in %s can be used, so the run cannot go on; nothing was"
                + " changed: %s. Repair or put back what is named, or start another run by"
                + " run.dir=")
            .formatted(
                all.size(),
                folder,
                reasons.stream()
                    .map(reason -> reason.replace(" is skipped: ", ": "))
                    .collect(Collectors.joining("; "))));
  }

  /** Whether the ledger says that the run finished or was stopped after a step or more. */
  public static boolean hasEnded(Path ledger) {
    try {
      List<LedgerEntry> entries =
          Files.notExists(ledger)
              ? List.of()
              : Storage.read(ledger, () -> LedgerFile.read(ledger)).entries();
      return !entries.isEmpty()
          && entries.get(entries.size() - 1) instanceof LedgerEntry.Ended ended
          && ended.steps() > 0
          && !ended.outcome().startsWith("failed");
    } catch (RunFolderException | LedgerCorruptException e) {
      return false; // reported where it is read
    }
  }

  private static String name(Path checkpoint) {
    return checkpoint.getFileName().toString();
  }
}
