package io.atelier.actors.run.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one checkpoint as written by {@link CheckpointStore}. */
public final class Checkpoint {
  static final String POLICY = "policy";
  static final String CRITIC = "critic";
  static final String LEDGER = "ledger.json";
  static final String SUFFIX = ".safetensors";
  static final String VERSIONS = "-versions";

  private Checkpoint() {}

  /**
   * Verifies every file of a checkpoint against its manifest.
   *
   * @return steps trained
   * @throws CheckpointException naming the first file that is missing, extra or different
   * @throws ReadFailedException if the storage fails
   */
  public static int verify(Path checkpoint) {
    return Storage.read(checkpoint, () -> CheckpointManifest.verified(checkpoint)).step();
  }

  /** Reads one checkpoint after verifying it. Throws like {@link #verify}. */
  public static StepState read(Path checkpoint) {
    return Storage.read(
        checkpoint,
        () -> {
          CheckpointManifest manifest = CheckpointManifest.verified(checkpoint);
          return new StepState(
              manifest.step(),
              load(checkpoint.resolve(POLICY + SUFFIX)),
              load(checkpoint.resolve(CRITIC + SUFFIX)),
              versions(checkpoint, POLICY, manifest),
              versions(checkpoint, CRITIC, manifest),
              readLedger(checkpoint));
        });
  }

  /** The ledger of a checkpoint, without its weights. */
  public static LedgerSnapshot ledger(Path checkpoint) {
    return Storage.read(checkpoint, () -> readLedger(checkpoint));
  }

  private static LedgerSnapshot readLedger(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(LEDGER);
    try {
      JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(file));
      int format = tree.path("format").asInt();
      if (format > LedgerSnapshot.FORMAT) {
        throw new NewerFormatException(
            "%s has format %s, this program reads up to %d: it is of a newer Atelier; use that version"
                .formatted(file, tree.get("format"), LedgerSnapshot.FORMAT));
      }
      if (format == 1) { // had no evaluations
        ((ObjectNode) tree).putArray("evaluations");
      }
      if (format == 1 || format == 2) { // did not replace flat groups
        tree.path("open").forEach(group -> ((ObjectNode) group).put("flats", 0));
        ((ObjectNode) tree).put("format", LedgerSnapshot.FORMAT);
      }
      LedgerSnapshot ledger = Json.MAPPER.treeToValue(tree, LedgerSnapshot.class);
      if (ledger == null) {
        throw new CheckpointException("%s is damaged: it is empty".formatted(file));
      }
      return ledger;
    } catch (NoSuchFileException e) {
      throw new CheckpointException("%s is missing".formatted(file), e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** Published weights of the policy after the checkpoint's last step, as used for sampling. */
  public static NamedTensors policyWeights(Path checkpoint) {
    return published(checkpoint, POLICY);
  }

  /** The same for the critics, as used for scoring; there must be a critic. */
  public static NamedTensors criticWeights(Path checkpoint) {
    return published(checkpoint, CRITIC);
  }

  private static NamedTensors published(Path checkpoint, String stream) {
    int step = verify(checkpoint);
    return Storage.read(
        checkpoint, () -> load(versionFile(checkpoint.resolve(stream + VERSIONS), step)));
  }

  /** Whether a folder is a checkpoint. */
  public static boolean isCheckpoint(Path folder) {
    return Files.isRegularFile(folder.resolve(CheckpointManifest.NAME));
  }

  /** Whether a folder is a checkpoint or a run folder. */
  public static boolean isRunOrCheckpoint(Path folder) {
    return isCheckpoint(folder) || Files.isDirectory(new RunFiles(folder).checkpoints());
  }

  /**
   * Fails if a path is a checkpoint or in one: a file written there would contradict its manifest.
   */
  public static void requireOutside(Path path) {
    for (Path at = path.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (isCheckpoint(at)) {
        throw new RunFolderException(
            "%s is in checkpoint %s, which must stay as it is; name another place"
                .formatted(path, at));
      }
    }
  }

  /** The state from which the policy's learner resumes: weights, optimizer, average. */
  public static NamedTensors policyState(Path checkpoint) {
    verify(checkpoint);
    return Storage.read(checkpoint, () -> load(checkpoint.resolve(POLICY + SUFFIX)));
  }

  /** The state from which the critic's learner resumes; no tensors if no reward learns. */
  public static NamedTensors criticState(Path checkpoint) {
    verify(checkpoint);
    return Storage.read(checkpoint, () -> load(checkpoint.resolve(CRITIC + SUFFIX)));
  }

  private static SortedMap<Long, NamedTensors> versions(
      Path checkpoint, String stream, CheckpointManifest manifest) throws IOException {
    SortedMap<Long, NamedTensors> versions = new TreeMap<>();
    Pattern name = Pattern.compile(stream + VERSIONS + "/([0-9]{6,18})" + Pattern.quote(SUFFIX));
    for (String file : manifest.files().keySet()) {
      Matcher version = name.matcher(file);
      if (version.matches()) {
        versions.put(Long.parseLong(version.group(1)), load(checkpoint.resolve(file)));
      }
    }
    return versions;
  }

  private static NamedTensors load(Path file) throws IOException {
    try {
      return TensorFiles.load(file);
    } catch (SafetensorsException e) {
      if (e.getCause() instanceof IOException failure && Storage.isPassing(failure)) {
        throw failure;
      }
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  static Path versionFile(Path directory, long version) {
    return directory.resolve(String.format(Locale.ROOT, "%06d", version) + SUFFIX);
  }
}
