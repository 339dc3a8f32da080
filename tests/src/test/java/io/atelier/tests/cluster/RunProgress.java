package io.atelier.tests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** How far a run has come that other processes write. */
final class RunProgress {

  private final RunFiles files;

  RunProgress(Path run) {
    this.files = new RunFiles(run);
  }

  /** Steps that are trained, as the ledger says. */
  int trained() {
    if (!Files.exists(files.ledger())) {
      return 0;
    }
    try {
      return LedgerFile.read(files.ledger()).entries().stream()
          .filter(LedgerEntry.Step.class::isInstance)
          .mapToInt(entry -> ((LedgerEntry.Step) entry).step() + 1)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Steps that the newest checkpoint holds; 0 without one. */
  int checkpointed() {
    return new CheckpointStore(files.checkpoints(), 1)
        .list().stream()
            .mapToInt(path -> Integer.parseInt(path.getFileName().toString().substring(5)))
            .max()
            .orElse(0);
  }

  /** Names of the workers that drew or scored groups of a step and of those after it. */
  Set<String> workersSince(int step) throws IOException {
    Map<Integer, String> threads = new HashMap<>();
    Set<String> workers = new TreeSet<>();
    for (JsonNode event : new ObjectMapper().readTree(files.trace().toFile())) {
      int thread = event.get("tid").asInt();
      if (event.get("name").asText().equals("thread_name")) {
        threads.put(thread, event.get("args").get("name").asText().replaceFirst("#.*", ""));
      } else if (event.path("args").path("step").asInt(-1) >= step) {
        workers.add(threads.get(thread));
      }
    }
    return workers;
  }

  boolean isOver() {
    return Files.exists(files.summary());
  }
}
