package io.atelier.actors.run.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code amendments.jsonl}: changes of configuration values and the steps from which they apply, in
 * the order in which they were made. A run that is given the file repeats them.
 */
public final class AmendmentFile {

  private AmendmentFile() {}

  /**
   * Reads the amendments of a file; none if there is no such file.
   *
   * @throws RunFolderException naming the first line that is no amendment
   */
  public static List<Amendment> read(Path file) {
    List<Amendment> amendments = new ArrayList<>();
    if (Files.notExists(file)) {
      return amendments;
    }
    String text = new String(Storage.bytes(file), StandardCharsets.UTF_8);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      try {
        amendments.add(Json.MAPPER.readValue(line, Amendment.class));
      } catch (JsonProcessingException e) {
        throw new RunFolderException(
            "%s, line %d is no amendment: %s".formatted(file, number, e.getOriginalMessage()), e);
      }
    }
    return amendments;
  }

  /** Replaces the content of the file by these amendments. */
  static void write(Path file, List<Amendment> amendments, Fence fence) {
    StringBuilder text = new StringBuilder();
    amendments.forEach(amendment -> text.append(Json.line(amendment)).append('\n'));
    Durable.replace(file, text.toString().getBytes(StandardCharsets.UTF_8), fence);
  }
}
