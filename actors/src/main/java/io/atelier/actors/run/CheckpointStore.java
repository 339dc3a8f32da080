package io.atelier.actors.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.atelier.actors.StepState;
import io.atelier.actors.ledger.LedgerSnapshot;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: folders {@code step-000040} that appear complete or not at all. One is
 * written aside, every file synced and entered into a manifest with its SHA-256, and then renamed
 * into place.
 *
 * <p>A checkpoint holds {@code policy.safetensors} and {@code critic.safetensors} (all that
 * learning needs), {@code policy-versions/} and {@code critic-versions/} (published weights, among
 * them those of the step itself), {@code ledger.json}, {@code config.conf} and {@code
 * manifest.json}.
 */
public final class CheckpointStore {

  private static final String ASIDE = ".writing-";
  private static final String POLICY = "policy";
  private static final String CRITIC = "critic";
  private static final String LEDGER = "ledger.json";
  private static final String SUFFIX = ".safetensors";

  private final Path folder;
  private final int keep;
  private final String aside;
  private final Consumer<Path> afterFile;

  /**
   * @param folder where the checkpoints lie; made when the first one is written
   * @param keep how many stay, newest first, at least 1
   */
  public CheckpointStore(Path folder, int keep) {
    this(folder, keep, 0, file -> {});
  }

  /**
   * @param epoch which conductor of the run writes: each has a place of its own to write aside
   * @param afterFile told of every file that is complete, before the checkpoint is; the last one is
   *     its manifest
   */
  CheckpointStore(Path folder, int keep, int epoch, Consumer<Path> afterFile) {
    if (keep < 1) {
      throw new IllegalArgumentException("at least one checkpoint must stay, got " + keep);
    }
    this.folder = folder;
    this.keep = keep;
    this.aside = "%s%d-".formatted(ASIDE, epoch);
    this.afterFile = afterFile;
  }

  /**
   * Writes a checkpoint; when this returns it will survive a power cut. Then deletes the oldest
   * beyond the number that stays.
   *
   * @param config the resolved configuration of the run
   * @return the checkpoint's folder
   */
  public Path save(StepState state, String config) {
    Path target = folder.resolve(RunFiles.step(state.step()));
    Path written = folder.resolve(aside + RunFiles.step(state.step()));
    try {
      Files.createDirectories(folder);
      deleteAside();
      Files.createDirectories(written);
      writeTensors(written, state);
      write(written.resolve("config.conf"), config.getBytes(StandardCharsets.UTF_8));
      write(written.resolve(LEDGER), Json.pretty(state.ledger()));
      CheckpointManifest manifest = CheckpointManifest.of(written, state.step());
      write(written.resolve(CheckpointManifest.NAME), Json.pretty(manifest));
      Durable.sync(written);
      Durable.delete(target); // only one that was found damaged can be here
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
      Durable.sync(folder);
    } catch (IOException | SafetensorsException e) {
      WriteFailedException failure = new WriteFailedException(target, e);
      Durable.delete(written); // only now, so that the message tells how full the disk was
      throw failure;
    }
    prune();
    return target;
  }

  private void writeTensors(Path aside, StepState state) throws IOException {
    save(aside.resolve(POLICY + SUFFIX), state.policy(), state.step());
    save(aside.resolve(CRITIC + SUFFIX), state.critic(), state.step());
    saveVersions(aside, POLICY, state.policyVersions());
    saveVersions(aside, CRITIC, state.criticVersions());
  }

  private void saveVersions(Path aside, String stream, SortedMap<Long, NamedTensors> versions)
      throws IOException {
    Path directory = Files.createDirectories(aside.resolve(stream + "-versions"));
    for (Map.Entry<Long, NamedTensors> version : versions.entrySet()) {
      save(versionFile(directory, version.getKey()), version.getValue(), version.getKey());
    }
    Durable.sync(directory);
  }

  private static Path versionFile(Path directory, long version) {
    return directory.resolve(String.format(Locale.ROOT, "%06d", version) + SUFFIX);
  }

  private void save(Path file, NamedTensors tensors, long step) {
    TensorFiles.save(file, tensors, Map.of("atelier.step", Long.toString(step)));
    afterFile.accept(file);
  }

  private void write(Path file, byte[] content) throws IOException {
    Durable.write(file, content);
    afterFile.accept(file);
  }

  private void deleteAside() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .filter(entry -> entry.getFileName().toString().startsWith(ASIDE))
          .forEach(Durable::delete);
    }
  }

  private void prune() {
    List<Path> all = list();
    for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
      Durable.delete(old);
    }
  }

  /** Folders that are named as checkpoints, newest first. They may be damaged. */
  public List<Path> list() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.getFileName().toString().matches("step-[0-9]{6,}"))
          .sorted(Comparator.comparingInt(CheckpointStore::stepOf).reversed())
          .toList();
    } catch (IOException e) {
      throw new CheckpointException("%s cannot be listed: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static int stepOf(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("step-".length()));
  }

  /**
   * Reads the newest checkpoint that is whole.
   *
   * @param skipped told in one line of each newer one that is not, and why
   */
  public Optional<StepState> latest(Consumer<String> skipped) {
    for (Path checkpoint : list()) {
      try {
        return Optional.of(read(checkpoint));
      } catch (CheckpointException e) {
        skipped.accept("checkpoint %s is skipped: %s".formatted(name(checkpoint), e.getMessage()));
      }
    }
    return Optional.empty();
  }

  private static String name(Path checkpoint) {
    return checkpoint.getFileName().toString();
  }

  /**
   * Holds every file of a checkpoint against its manifest.
   *
   * @return steps trained
   * @throws CheckpointException naming the first file that is missing, extra or different
   */
  public static int verify(Path checkpoint) {
    return CheckpointManifest.verified(checkpoint).step();
  }

  /** Reads one checkpoint, after checking it. */
  public static StepState read(Path checkpoint) {
    int step = verify(checkpoint);
    try {
      return new StepState(
          step,
          TensorFiles.load(checkpoint.resolve(POLICY + SUFFIX)),
          TensorFiles.load(checkpoint.resolve(CRITIC + SUFFIX)),
          versions(checkpoint.resolve(POLICY + "-versions")),
          versions(checkpoint.resolve(CRITIC + "-versions")),
          ledger(checkpoint));
    } catch (SafetensorsException e) {
      throw new CheckpointException(e.getMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s cannot be read: %s".formatted(checkpoint, e.getMessage()), e);
    }
  }

  /** The ledger of a checkpoint, without its weights. */
  public static LedgerSnapshot ledger(Path checkpoint) {
    Path file = checkpoint.resolve(LEDGER);
    try {
      return Json.MAPPER.readValue(file.toFile(), LedgerSnapshot.class);
    } catch (JsonProcessingException e) {
      throw new CheckpointException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new CheckpointException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Published weights of the policy after the checkpoint's last step: what sampling uses. */
  public static NamedTensors policyWeights(Path checkpoint) {
    int step = verify(checkpoint);
    return TensorFiles.load(versionFile(checkpoint.resolve(POLICY + "-versions"), step));
  }

  /** What the policy's learner goes on from: weights, optimizer, average. */
  public static NamedTensors policyState(Path checkpoint) {
    verify(checkpoint);
    return TensorFiles.load(checkpoint.resolve(POLICY + SUFFIX));
  }

  private static SortedMap<Long, NamedTensors> versions(Path directory) throws IOException {
    SortedMap<Long, NamedTensors> versions = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          String number = name.substring(0, name.length() - SUFFIX.length());
          versions.put(Long.parseLong(number), TensorFiles.load(file));
        }
      }
    }
    return versions;
  }
}
