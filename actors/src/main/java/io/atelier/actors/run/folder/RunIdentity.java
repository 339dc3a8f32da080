package io.atelier.actors.run.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The identity of a run, and what it was before it was resumed as something else; {@code
 * identity.json} of its folder.
 *
 * @param format version of this layout
 * @param fingerprint of {@code now}
 * @param now what the run is
 * @param changes what it was before, oldest first
 */
public record RunIdentity(int format, String fingerprint, Identity now, List<Change> changes) {

  private static final int FORMAT = 1;

  /**
   * A resume of the run as something else.
   *
   * @param afterStep steps trained before
   * @param was fingerprint until then; empty if none was recorded
   * @param differences what changed, in words
   */
  public record Change(int afterStep, String was, List<String> differences) {}

  private static final String UNKNOWN =
      "an older program, which wrote no identity.json, began this run";

  public RunIdentity {
    Objects.requireNonNull(fingerprint, "no fingerprint");
    Objects.requireNonNull(now, "no identity");
    changes = List.copyOf(changes);
  }

  private static RunIdentity of(Identity now, List<Change> changes) {
    return new RunIdentity(FORMAT, now.fingerprint(), now, List.copyOf(changes));
  }

  /** Records the identity of a fresh run. */
  public static void begin(RunFolder folder, Identity identity) {
    of(identity, List.of()).write(folder);
  }

  /**
   * Reads the identity in a run folder, or if that file is missing, in its newest checkpoint that
   * has one; empty if an older program wrote both.
   */
  public static Optional<RunIdentity> read(RunFiles files) {
    // failing storage does not mean that there is none: then reading fails and reports it
    return Files.notExists(files.identity())
        ? new CheckpointStore(files.checkpoints(), 1)
            .list().stream()
                .map(checkpoint -> checkpoint.resolve(RunFiles.IDENTITY))
                .filter(file -> !Files.notExists(file))
                .findFirst()
                .map(RunIdentity::read)
        : Optional.of(read(files.identity()));
  }

  /**
   * Reads the identity of a checkpoint's run when it was written; empty if an older program wrote
   * it.
   */
  public static Optional<RunIdentity> ofCheckpoint(Path checkpoint) {
    Path file = checkpoint.resolve(RunFiles.IDENTITY);
    return Files.notExists(file) ? Optional.empty() : Optional.of(read(file));
  }

  private static RunIdentity read(Path file) {
    try {
      JsonNode tree = Json.MAPPER.readTree(new String(Storage.bytes(file), StandardCharsets.UTF_8));
      if (tree.path("format").asInt() != FORMAT) {
        throw new RunFolderException(
            "%s has format %s, this program reads format %d; use the program that wrote it"
                .formatted(file, tree.path("format"), FORMAT));
      }
      RunIdentity read = Json.MAPPER.treeToValue(tree, RunIdentity.class);
      if (!read.fingerprint.equals(read.now.fingerprint())) {
        throw new RunFolderException(
            "%s was changed by hand: its content has fingerprint %s, it says %s; put back what was"
                    .formatted(file, read.now.fingerprint(), read.fingerprint)
                + " there");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new RunFolderException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Fails if a run would resume as something else and that was not accepted.
   *
   * @param identity of the run if it resumed
   * @param configured what the configuration in the run folder determines, for a run of an older
   *     program
   * @param accept fingerprint with which it may resume
   */
  public static void requireSame(
      RunFiles files,
      Identity identity,
      Supplier<SortedMap<String, String>> configured,
      String accept) {
    Identity before =
        read(files)
            .map(RunIdentity::now)
            .orElseGet(() -> new Identity(configured.get(), identity.parts()));
    List<String> differences = identity.differences(before, "was");
    if (!differences.isEmpty() && !accept.equals(identity.fingerprint())) {
      throw new RunFolderException(
          ("run folder %s would not go on as what it is. %s. Put back what it began with, or start"
                  + " another run (run.dir=); to go on all the same add run.accept=%s, which"
                  + " identity.json will tell")
              .formatted(files.root(), String.join("; ", differences), identity.fingerprint()));
    }
  }

  /**
   * Records the identity with which a run resumes, after {@link #requireSame} has accepted it.
   *
   * @param trained steps trained so far
   * @return lines for the user
   */
  public static List<String> goOn(RunFolder folder, Identity identity, int trained) {
    RunFiles files = folder.files();
    Optional<RunIdentity> before = read(files);
    List<Change> changes = new ArrayList<>(before.map(RunIdentity::changes).orElse(List.of()));
    List<String> told = new ArrayList<>();
    if (before.isEmpty()) {
      changes.add(new Change(trained, "", List.of(UNKNOWN)));
      told.add(
          ("warning: %s has no identity.json, since an older program began it: whether model,"
                  + " prompts, references and program are unchanged cannot be checked. It resumes"
                  + " with %s")
              .formatted(files.root(), sources(identity)));
    } else if (!before.get().fingerprint.equals(identity.fingerprint())) {
      List<String> differences = identity.differences(before.get().now, "was");
      changes.add(new Change(trained, before.get().fingerprint, differences));
      told.add(
          "warning: the run goes on as something else, as run.accept says: "
              + String.join("; ", differences));
    }
    of(identity, changes).write(folder);
    return told;
  }

  /**
   * Fails if a checkpoint was written by a different run.
   *
   * @param step steps trained of the checkpoint
   */
  public static void requireOwn(RunFiles files, int step) {
    Path checkpoint = files.checkpoints().resolve(RunFiles.step(step));
    stranger(files, checkpoint)
        .ifPresent(
            why -> {
              throw new RunFolderException(
                  why + "; remove the checkpoint, or put back its own run");
            });
  }

  /** Why a checkpoint does not belong to this run; empty if it does, or has no identity. */
  public static Optional<String> stranger(RunFiles files, Path checkpoint) {
    Path file = checkpoint.resolve(RunFiles.IDENTITY);
    Optional<RunIdentity> run = read(files);
    if (run.isEmpty() || Files.notExists(file)) {
      return Optional.empty();
    }
    String of = read(file).fingerprint;
    boolean own =
        of.equals(run.get().fingerprint)
            || run.get().changes.stream().anyMatch(change -> change.was().equals(of));
    return own
        ? Optional.empty()
        : Optional.of(
            "checkpoint %s is of a run with fingerprint %s, which this one (%s) never was"
                .formatted(checkpoint, of, run.get().fingerprint));
  }

  private static String sources(Identity identity) {
    return String.join(
        ", ",
        identity.parts().entrySet().stream()
            .map(part -> part.getKey() + " " + part.getValue().source())
            .toList());
  }

  private void write(RunFolder folder) {
    Durable.replace(folder.files().identity(), Json.pretty(this), folder.fence());
  }
}
