package io.atelier.actors.run.record;

import io.atelier.actors.ledger.journal.LedgerAudit;
import io.atelier.actors.ledger.journal.LedgerCorruptException;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointException;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The result of verifying the files of a run.
 *
 * @param facts what was found, for a person
 * @param problems what is wrong; empty if the run verifies
 * @param missing files that should exist but do not, so that they cannot be checked
 */
public record RunVerification(List<String> facts, List<String> problems, List<String> missing) {

  /** How often a run that changes meanwhile is checked. */
  private static final int LOOKS = 5;

  /**
   * What a checkpoint says about itself.
   *
   * @param policy content hash of each policy version in it
   * @param problems problems found without the ledger
   */
  private record Seen(
      String name,
      SortedMap<Long, String> policy,
      SortedMap<Long, String> critic,
      List<String> problems) {}

  /**
   * Checks ledger, checkpoints and summary of a run, whether it is over, killed or running. If
   * something does not match in a running one, it is checked again, since it may have changed
   * during the check.
   */
  public static RunVerification of(RunFiles files) {
    boolean changed = false;
    RunVerification result;
    int looks = 0;
    String before;
    do {
      before = state(files);
      result = look(files);
      changed |= !state(files).equals(before);
    } while (!result.problems().isEmpty() && !state(files).equals(before) && ++looks < LOOKS);
    Optional<String> holder = RunFolder.holder(files);
    if (holder.isPresent() || changed) {
      List<String> facts = new ArrayList<>(result.facts());
      facts.add(
          "run          goes on%s; this is what it had written so far"
              .formatted(holder.map(process -> " in " + process).orElse("")));
      return new RunVerification(List.copyOf(facts), result.problems(), result.missing());
    }
    return result;
  }

  /** A fingerprint that changes whenever a run makes progress. */
  private static String state(RunFiles files) {
    StringBuilder state = new StringBuilder();
    for (Path file : List.of(files.ledger(), files.summary(), files.config())) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        state.append(attributes.fileKey()).append(attributes.size());
        state.append(attributes.lastModifiedTime());
      } catch (IOException e) {
        state.append('-');
      }
    }
    return state.append(new CheckpointStore(files.checkpoints(), 1).list()).toString();
  }

  /** Reads the ledger last, so that it has every version of the checkpoints read before. */
  private static RunVerification look(RunFiles files) {
    List<String> facts = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Map<Long, String> policy = new HashMap<>();
    Map<Long, String> critic = new HashMap<>();
    List<Seen> checkpoints = checkpoints(files);
    ledger(files, facts, problems, policy, critic);
    for (Seen seen : checkpoints) {
      int before = problems.size();
      problems.addAll(seen.problems());
      compare(seen.name() + " policy", seen.policy(), policy, problems);
      compare(seen.name() + " critic", seen.critic(), critic, problems);
      facts.add(
          "checkpoint   %s %s"
              .formatted(seen.name(), problems.size() == before ? "matches" : "differs"));
    }
    pace(files, facts);
    return new RunVerification(List.copyOf(facts), List.copyOf(problems), missing(files));
  }

  /** Files that a run which ended must have, but are missing. */
  private static List<String> missing(RunFiles files) {
    if (!CheckpointStore.hasEnded(files.ledger())) {
      return List.of();
    }
    List<String> missing = new ArrayList<>();
    for (Path file : List.of(files.metrics(), files.summary())) {
      if (Files.notExists(file)) {
        missing.add("%s: it is gone".formatted(file.getFileName()));
      }
    }
    if (new CheckpointStore(files.checkpoints(), 1).list().isEmpty()) {
      missing.add("checkpoints: they are gone");
    }
    return missing;
  }

  private static void ledger(
      RunFiles files,
      List<String> facts,
      List<String> problems,
      Map<Long, String> policy,
      Map<Long, String> critic) {
    LedgerFile.Content content;
    try {
      content = Storage.read(files.ledger(), () -> LedgerFile.read(files.ledger()));
    } catch (RunFolderException | LedgerCorruptException e) {
      problems.add("ledger: " + e.getMessage());
      return;
    }
    LedgerAudit.Result audit = LedgerAudit.of(content.entries());
    facts.add(
        "ledger       %d steps, %d groups admitted = %d trained + %d dropped + %d open"
            .formatted(
                audit.steps(), audit.admitted(), audit.trained(), audit.dropped(), audit.open()));
    facts.add("policy       version %d %s".formatted(audit.steps(), audit.policyHash()));
    audit.problems().forEach(problem -> problems.add("ledger: " + problem));
    for (LedgerEntry entry : content.entries()) {
      if (entry instanceof LedgerEntry.Begun begun) {
        policy.put(0L, begun.policyHash());
        critic.put(0L, begun.criticHash());
      } else if (entry instanceof LedgerEntry.Step step) {
        policy.put(step.policyVersion(), step.policyHash());
        critic.put(step.criticVersion(), step.criticHash());
      }
    }
    if (Files.exists(files.summary())) {
      try {
        summary(RunSummary.read(files.summary()), audit, facts, problems);
      } catch (RunFolderException e) {
        problems.add("summary: " + e.getMessage());
      }
    }
  }

  /** Compares the summary, unless the run was resumed after it was written. */
  private static void summary(
      RunSummary summary, LedgerAudit.Result audit, List<String> facts, List<String> problems) {
    if (summary.steps() != audit.steps()) {
      facts.add(
          "summary      of an earlier end, after step %d; not compared".formatted(summary.steps()));
      return;
    }
    facts.add("summary      %d steps, %d images".formatted(summary.steps(), summary.images()));
    compare(problems, "policyHash", summary.policyHash(), audit.policyHash());
    compare(problems, "criticHash", summary.criticHash(), audit.criticHash());
    compare(problems, "groupsAdmitted", summary.groupsAdmitted(), audit.admitted());
    compare(problems, "groupsTrained", summary.groupsTrained(), audit.trained());
    compare(problems, "groupsDropped", summary.groupsDropped(), audit.dropped());
  }

  private static void compare(List<String> problems, String key, Object said, Object proven) {
    if (!said.equals(proven)) {
      problems.add("summary: %s is %s, the ledger says %s".formatted(key, said, proven));
    }
  }

  private static List<Seen> checkpoints(RunFiles files) {
    List<Seen> all = new ArrayList<>();
    for (Path checkpoint : new CheckpointStore(files.checkpoints(), 1).list()) {
      String name = checkpoint.getFileName().toString();
      try {
        all.add(seen(name, Checkpoint.read(checkpoint)));
      } catch (CheckpointException | RunFolderException e) {
        if (!Files.notExists(checkpoint)) { // otherwise the run has deleted it meanwhile
          List<String> problems = List.of("checkpoint: " + e.getMessage());
          all.add(new Seen(name, new TreeMap<>(), new TreeMap<>(), problems));
        }
      }
    }
    return all;
  }

  private static Seen seen(String name, StepState state) {
    List<String> problems = new ArrayList<>();
    if (!state.policyVersions().containsKey((long) state.step())) {
      problems.add("%s: the policy of its step is missing".formatted(name));
    }
    if (state.ledger().step() != state.step() || !state.ledger().counts().balanced()) {
      problems.add("%s: its ledger is of another step or does not balance".formatted(name));
    }
    return new Seen(name, hashes(state.policyVersions()), hashes(state.criticVersions()), problems);
  }

  private static SortedMap<Long, String> hashes(SortedMap<Long, NamedTensors> versions) {
    SortedMap<Long, String> hashes = new TreeMap<>();
    versions.forEach((version, tensors) -> hashes.put(version, tensors.contentHash()));
    return hashes;
  }

  /**
   * Computes how much of the time went into steps that count, taking the median as the time of a
   * step. The rest is the cost of failures: waiting and repeated steps.
   */
  private static void pace(RunFiles files, List<String> facts) {
    List<Map<String, Object>> lines =
        Files.exists(files.metrics()) ? JsonLines.read(files.metrics()) : List.of();
    if (lines.size() < 2) {
      return;
    }
    double[] seconds =
        lines.stream().skip(1).mapToDouble(line -> number(line, "seconds")).toArray();
    Arrays.sort(seconds);
    double median = seconds[seconds.length / 2];
    double wall =
        (number(lines.get(lines.size() - 1), "time") - number(lines.get(0), "time")) / 1000;
    // the first line is written when its step is done
    double share = Math.min(1, (lines.size() - 1) * median / Math.max(1e-3, wall));
    facts.add(
        String.format(
            Locale.ROOT,
            "time         %.0f%% of %.1f s went into %d steps of %.2f s (median)",
            100 * share,
            wall,
            lines.size() - 1,
            median));
  }

  private static double number(Map<String, Object> line, String key) {
    return ((Number) line.get(key)).doubleValue();
  }

  private static void compare(
      String what,
      SortedMap<Long, String> versions,
      Map<Long, String> ledger,
      List<String> problems) {
    versions.forEach(
        (version, hash) -> {
          if (!hash.equals(ledger.get(version))) {
            problems.add(
                "%s version %d has hash %s, the ledger says %s"
                    .formatted(what, version, hash, ledger.get(version)));
          }
        });
  }
}
