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
 * The checkpoints of a run: folders {@code step-000040} that appear complete or not at all. One is
 * written aside, every file synced and entered into a manifest with its SHA-256, and then renamed
 * into place.
 *
 * <p>A checkpoint holds {@code policy.safetensors} and {@code critic.safetensors} (all that
 * learning needs), {@code policy-versions/} and {@code critic-versions/} (published weights, among
 * them those of the step itself), {@code ledger.json}, {@code config.conf}, {@code identity.json},
 * {@code origin.json} and {@code manifest.json}.
 */
public final class CheckpointStore {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);

  private static final Pattern NAME = Pattern.compile("step-[0-9]{6,9}");

  /** What a conductor writes or deletes aside; its number is in the name. */
  private static final Pattern ASIDE = Pattern.compile("\\.(?:writing|old)-([0-9]{1,9})-.*");

  private final Path folder;
  private final int keep;
  private final int epoch;
  private final Consumer<Path> before;

  /**
   * @param folder where the checkpoints lie; made when the first one is written
   * @param keep how many stay, newest first, at least 1
   */
  public CheckpointStore(Path folder, int keep) {
    this(folder, keep, 0, path -> {});
  }

  /**
   * @param epoch which conductor of the run writes: each has a place of its own to write aside, and
   *     leaves alone what a newer one has
   * @param before told of every file that is complete, then of each path that is about to be put in
   *     place, moved or deleted; throws {@link ReplacedException} if that must not be
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
   * Writes a checkpoint; when this returns it will survive a power cut. Then deletes the oldest
   * beyond the number that stays; if they cannot be deleted, the log says so.
   *
   * @param config the resolved configuration of the run
   * @param ledgerSha256 hash of the run's ledger up to {@link
   *     io.atelier.actors.ledger.journal.LedgerSnapshot#journalLength()}
   * @param identity what the run is, as its folder says it
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
      Durable.tryDelete(written); // only now, so that the message tells how full the disk was
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

  /** Never writes over what is there: that is moved aside, and stays. */
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
   * A checkpoint that was found damaged on resume is in the way when its step comes again, or one
   * that a replaced conductor wrote late.
   */
  private void displace(Path target) throws IOException {
    int number = 1;
    Path kept;
    do {
      kept = target.resolveSibling("%s.replaced-%d".formatted(target.getFileName(), number++));
    } while (Files.exists(kept));
    move(target, kept);
    LOG.warn("{} was there already; it is written anew, the old one is kept as {}", target, kept);
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
      return; // nobody's, since nobody puts a damaged one in place
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

  /** What this conductor or one before it left half done; what a newer one does is its own. */
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
   * Deletes what is older than the newest checkpoints up to {@code newest}. One that is of a later
   * step was skipped on resume: it does not count, and is not deleted.
   */
  private void prune(int newest) {
    try {
      List<Path> own = list().stream().filter(c -> stepOf(c) <= newest).toList();
      for (Path old : own.subList(Math.min(keep, own.size()), own.size())) {
        remove(old);
      }
    } catch (IOException | RunFolderException | ReadFailedException e) {
      LOG.warn("old checkpoints in {} stay: {}", folder, e.getMessage());
    }
  }

  /** Moves a checkpoint aside first, so that nobody ever sees a part of one. */
  private void remove(Path old) throws IOException {
    Set<String> foreign = CheckpointManifest.names(old);
    foreign.removeAll(CheckpointManifest.listed(old));
    if (!foreign.isEmpty()) {
      LOG.warn("{} stays: {} in it was not written by this program", old, foreign);
      return;
    }
    Path aside = aside("old", old);
    Durable.delete(aside);
    move(old, aside);
    Durable.tryDelete(aside);
  }

  /** Folders that are named as checkpoints, newest first. They may be damaged. */
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
   * Reads the newest checkpoint that is whole and goes with the ledger. Empty only if there is no
   * checkpoint at all.
   *
   * @param ledger the run's ledger
   * @param skipped told in one line of each newer one that cannot be used, and why
   * @throws RunFolderException if there are checkpoints, but none can be used, or if one is of a
   *     newer program, or if those of a run that came to an end are gone
   * @throws ReadFailedException if the storage fails: an older checkpoint is no answer to that
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
            ("the run came to an end with a checkpoint, but %s has none; put them back, or start"
                    + " another run by run.dir=")
                .formatted(folder));
      }
      return Optional.empty();
    }
    throw new RunFolderException(
        ("none of the %d checkpoint(s) in %s can be used, so the run cannot go on; nothing was"
                + " changed: %s. Mend or put back what is named, or start another run by run.dir=")
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
      return false; // said where it is read
    }
  }

  private static String name(Path checkpoint) {
    return checkpoint.getFileName().toString();
  }
}
