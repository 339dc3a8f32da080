package io.atelier.actors.web.view;

import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.web.index.Thumbnails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run folders that are shown: those that were given, and those in folders that were given. Each
 * has a name for URLs, which it keeps as long as this program runs. Thread-safe.
 */
public final class RunShelf {

  private static final Logger LOG = LoggerFactory.getLogger(RunShelf.class);

  /** Most runs of all folders together. */
  static final int MOST = 1000;

  private final List<Path> named;
  private final Thumbnails thumbnails = new Thumbnails(64L << 20);
  private final Map<Path, RunView> runs = new LinkedHashMap<>();

  /**
   * @param named run folders, or folders that contain some
   * @throws RunFolderException if one is not a folder
   */
  public RunShelf(List<Path> named) {
    for (Path folder : named) {
      if (!Files.isDirectory(folder)) {
        throw new RunFolderException(
            "%s is not a folder; name the folder that a run wrote, or one with such folders in it"
                .formatted(folder));
      }
    }
    this.named = List.copyOf(named);
  }

  /** Whether a run folder, or a folder that contains some, can be written to. */
  public boolean isWritable() {
    return named.stream().anyMatch(Files::isWritable)
        || runs().stream().anyMatch(run -> Files.isWritable(run.folder()));
  }

  /** Returns all that exist now, in the order of their folders' names. */
  public synchronized List<RunView> runs() {
    List<RunView> all = new ArrayList<>();
    for (Path folder : named) {
      for (Path run : runsIn(folder)) {
        if (all.size() < MOST && all.stream().noneMatch(known -> known.folder().equals(run))) {
          all.add(runs.computeIfAbsent(run, added -> new RunView(freeId(run), run, thumbnails)));
        }
      }
    }
    runs.values().retainAll(all);
    return all;
  }

  /** Finds the run with a name. */
  public synchronized Optional<RunView> find(String id) {
    return named(id).or(() -> runs().stream().filter(run -> run.id().equals(id)).findFirst());
  }

  private Optional<RunView> named(String id) {
    return runs.values().stream().filter(run -> run.id().equals(id)).findFirst();
  }

  private String freeId(Path run) {
    String name = run.getFileName() == null ? "run" : run.getFileName().toString();
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[.]+", "");
    String id = plain.isEmpty() ? "run" : plain;
    int number = 2;
    String free = id;
    while (named(free).isPresent()) {
      free = id + "~" + number++;
    }
    return free;
  }

  /** Returns the folder itself, or run folders in it; links out of it are not followed. */
  private static List<Path> runsIn(Path folder) {
    try {
      Path root = folder.toRealPath();
      if (isRun(root)) {
        return List.of(root);
      }
      try (Stream<Path> entries = Files.list(root)) {
        return entries
            .sorted()
            .filter(entry -> Files.isDirectory(entry) && isRun(entry))
            .flatMap(entry -> real(entry).stream())
            .filter(entry -> entry.startsWith(root))
            .toList();
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} cannot be listed: {}", folder, e.toString());
      return List.of();
    }
  }

  private static Optional<Path> real(Path entry) {
    try {
      return Optional.of(entry.toRealPath());
    } catch (IOException e) {
      LOG.warn("{} is left out: {}", entry, Storage.reason(e));
      return Optional.empty();
    }
  }

  private static boolean isRun(Path folder) {
    return Stream.of("config.conf", "metrics.jsonl", "run.json")
        .anyMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }
}
