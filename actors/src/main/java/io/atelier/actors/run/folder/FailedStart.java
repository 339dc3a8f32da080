package io.atelier.actors.run.folder;

import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.StrayFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cleans up after a run that failed before it recorded anything: its files are useless and would
 * block the next try.
 */
final class FailedStart {

  private static final Logger LOG = LoggerFactory.getLogger(FailedStart.class);

  /** Everything that is written before the first step or evaluation, by path within the folder. */
  private static final Pattern OWN =
      Pattern.compile(
          "|config\\.conf|identity\\.json|run\\.json|ledger|trace\\.json|report\\.html|atelier\\.log"
              + "|\\.lock|\\.paused|\\.token|amendments\\.jsonl|metrics\\.jsonl|evaluations\\.jsonl|groups\\.jsonl|shown\\.jsonl"
              + "|pictures(/index\\.jsonl)?|images|tensorboard"
              + "|tensorboard/events\\.out\\.tfevents\\.[0-9]+\\.atelier\\.[0-9]+"
              + "|\\.[a-z.]+\\.[0-9]+\\.part|\\.epochs|\\.epochs/[0-9]+");

  private FailedStart() {}

  /**
   * Deletes the files, if there are no others and nothing was recorded. The log is moved to the
   * folder for temporary files.
   *
   * @return the new path of the log, or the run folder if there was none; empty if nothing was
   *     deleted
   */
  static Optional<Path> remove(RunFiles files) {
    try {
      List<Path> all = all(files.root());
      for (Path path : all) {
        String name = files.root().relativize(path).toString();
        if (!StrayFiles.isStray(path) && !OWN.matcher(name).matches() || recorded(path, files)) {
          return Optional.empty();
        }
      }
      Path log = files.root();
      if (Files.exists(files.log())) {
        log = Files.createTempFile("atelier-", ".log");
        Files.copy(files.log(), log, StandardCopyOption.REPLACE_EXISTING);
      }
      for (Path path : all) {
        boolean stays =
            path.startsWith(files.epochs()) // numbers are never reused
                || StrayFiles.isStray(path) && path.getParent().equals(files.root());
        if (!stays && !path.equals(files.root()) && !path.equals(files.lock())) {
          Files.deleteIfExists(path);
        }
      }
      return Optional.of(log);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} was not deleted, though its run never began: {}", files.root(), e.getMessage());
      return Optional.empty();
    }
  }

  private static boolean recorded(Path path, RunFiles files) throws IOException {
    return (path.equals(files.metrics()) || path.equals(files.evaluations()))
        && Files.size(path) > 0;
  }

  /** A folder and everything in it, children before parents. */
  private static List<Path> all(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.sorted((a, b) -> b.compareTo(a)).toList();
    }
  }
}
