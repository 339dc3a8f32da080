package io.atelier.actors.web.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.people.Label;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.FileMark;
import io.atelier.actors.web.index.LineIndex;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * People's labels of single pictures of training images. Everything written about a picture comes
 * from the run's own files, except the label and the name, which come from the request.
 * Thread-safe.
 */
public final class RunLabels {

  private static final int LONGEST_NAME = 60;

  private final Path folder;
  private final RunContents contents;
  private final LineIndex groups;
  private FileMark mark = FileMark.NONE;
  private Map<String, String> labels = Map.of();

  RunLabels(Path folder, RunContents contents, LineIndex groups) {
    this.folder = folder;
    this.contents = contents;
    this.groups = groups;
  }

  /**
   * Returns the name of the person who sent a request.
   *
   * @throws IllegalArgumentException if it is not a valid name
   */
  public static String who(Map<String, String> values) {
    String who = values.getOrDefault("who", "").strip();
    if (who.length() > LONGEST_NAME || who.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "a name has at most %d letters and no control characters".formatted(LONGEST_NAME));
    }
    return who;
  }

  /** Adds labels to the lines of the pictures that have one; returns why labels are not known. */
  synchronized Optional<String> mark(List<JsonNode> pictures) throws IOException {
    Path file = folder.resolve(PeopleFiles.LABELS);
    FileMark now = FileMark.of(file);
    try {
      if (!now.equals(mark)) {
        Map<String, String> read = new HashMap<>();
        if (now.exists()) {
          PeopleFiles.labels(file).forEach(line -> read.put(line.picture(), line.label()));
        }
        labels = read;
        mark = now;
      }
    } catch (RunFolderException e) {
      return Optional.of(e.getMessage());
    }
    for (JsonNode picture : pictures) {
      String label = labels.getOrDefault(picture.path("file").asText(), Label.NONE);
      if (picture instanceof ObjectNode line && !label.equals(Label.NONE)) {
        line.put("label", label);
      }
    }
    return Optional.empty();
  }

  /**
   * Writes a label, and copies its picture.
   *
   * @param values {@code file} and {@code step} as in the index of pictures; {@code label}; {@code
   *     who}
   * @throws IllegalArgumentException if the label or the name is invalid
   */
  public Answer put(Map<String, String> values, long now) throws IOException {
    String name = values.getOrDefault("file", "");
    String step = values.getOrDefault("step", "");
    String label = values.getOrDefault("label", "");
    Optional<JsonNode> line =
        step.matches("[0-9]{1,9}")
            ? first(contents.pictures(), Integer.parseInt(step), "file", name)
            : Optional.empty();
    if (line.isEmpty()) {
      return Answer.text(404, "no picture %s is listed for step %s".formatted(name, step));
    }
    JsonNode picture = line.get();
    Optional<JsonNode> group =
        first(groups, picture.path("step").asInt(), "group", picture.path("group").asText());
    if (group.isEmpty()) {
      return Answer.text(409, "groups.jsonl does not say which prompt %s is of".formatted(name));
    }
    Optional<byte[]> bytes = contents.bytes("pictures/" + name);
    if (bytes.isEmpty()) {
      return Answer.text(404, "%s is no longer kept".formatted(name));
    }
    String hash = Sha256.of(bytes.get());
    String who = who(values);
    if (!Label.LABELS.contains(label)) {
      throw new IllegalArgumentException(
          "label is \"%s\", must be one of %s".formatted(label, String.join(", ", Label.LABELS)));
    }
    String copy = PeopleFiles.keep(folder, bytes.get(), RunContents.ending(name));
    PeopleFiles.append(
        folder,
        PeopleFiles.LABELS,
        new Label(
            now,
            who,
            label,
            name,
            copy,
            hash,
            picture.path("step").asInt(),
            picture.path("group").asText(),
            picture.path("attempt").asInt(),
            picture.path("image").asInt(),
            group.get().path("prompt").asText()));
    return Answer.text(200, label.equals(Label.NONE) ? "the label is removed" : label);
  }

  private static Optional<JsonNode> first(LineIndex lines, int step, String key, String value)
      throws IOException {
    return lines.lines(step).stream()
        .filter(line -> line.path(key).isTextual() && line.path(key).asText().equals(value))
        .findFirst();
  }
}
