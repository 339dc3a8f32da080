package io.atelier.actors.web.view;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointException;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.web.index.FileMark;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The checkpoints of a run folder, from their ledgers. Weights are not read, so one that is listed
 * here may still be damaged; {@code ./atelier verify} checks that. Thread-safe.
 */
final class RunCheckpoints {

  /** Most that are listed. */
  private static final int MOST = 20;

  /**
   * One of them.
   *
   * @param step steps that it has trained
   * @param policy content hash of the policy; null if it is not known
   * @param critic the same for the critic
   */
  record ResumePoint(int step, String policy, String critic) {}

  private record Known(FileMark mark, Optional<ResumePoint> checkpoint) {}

  private final Path folder;
  private Map<Path, Known> known = new TreeMap<>();

  RunCheckpoints(Path folder) {
    this.folder = new RunFiles(folder).checkpoints();
  }

  /** Returns the newest ones, newest first, the number of all, and what cannot be read. */
  synchronized Map<String, Object> newest() throws IOException {
    List<Path> all = new CheckpointStore(folder, 1).list();
    Map<Path, Known> now = new TreeMap<>();
    List<ResumePoint> checkpoints = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Path path : all.subList(0, Math.min(MOST, all.size()))) {
      FileMark mark = mark(path.resolve("ledger.json"));
      Known before = known.get(path);
      Known is =
          before != null && before.mark().equals(mark)
              ? before
              : new Known(mark, mark.exists() ? read(path, problems) : Optional.empty());
      is.checkpoint().ifPresent(checkpoints::add);
      now.put(path, is);
    }
    known = now;
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("checkpoints", checkpoints);
    answer.put("count", all.size());
    answer.put("problems", problems);
    return answer;
  }

  /** Returns {@link FileMark#NONE} if a link leads to the file. */
  private static FileMark mark(Path file) throws IOException {
    try {
      return file.toRealPath().equals(file) ? FileMark.of(file) : FileMark.NONE;
    } catch (NoSuchFileException e) { // the run has deleted it in the meantime
      return FileMark.NONE;
    }
  }

  private static Optional<ResumePoint> read(Path path, List<String> problems) {
    try {
      LedgerSnapshot ledger = Checkpoint.ledger(path);
      long version = ledger.step();
      return Optional.of(
          new ResumePoint(
              ledger.step(),
              ledger.policyHashes().get(version),
              ledger.criticHashes().get(version)));
    } catch (CheckpointException | RunFolderException | ReadFailedException e) {
      problems.add("%s is not read: %s".formatted(path.getFileName(), e.getMessage()));
      return Optional.empty();
    }
  }
}
