package io.atelier.actors.compute;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.files.Named;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The references of each prompt, from a JSON file {@code {"prompt": ["a.png", "b.png"], ...}}. A
 * name is that of a file beside the JSON file or below, or a whole path.
 */
final class ReferenceFile {

  /** So many files or prompts are written out; the others are counted. */
  private static final int NAMED = 5;

  private static final int SHOWN = 60;

  private final Path file;
  private final Map<String, List<Path>> images = new LinkedHashMap<>();

  private ReferenceFile(Path file) {
    this.file = file;
  }

  /**
   * Reads {@code file}, and looks whether there are the images that it names.
   *
   * @throws IllegalArgumentException that names what is wrong
   */
  static ReferenceFile read(Path file) {
    ReferenceFile read = new ReferenceFile(file);
    try {
      JsonFile.read(file).object().properties().forEach(e -> read.add(e.getKey(), e.getValue()));
    } catch (FileException e) {
      throw new IllegalArgumentException("data.references: " + e.getMessage(), e);
    }
    if (read.images.isEmpty()) {
      throw read.wrong("names no prompt; write {\"prompt\": [\"image.png\"]}");
    }
    read.requireThere();
    return read;
  }

  private IllegalArgumentException wrong(String what, Object... values) {
    return new IllegalArgumentException(
        "data.references: %s %s".formatted(file, what.formatted(values)));
  }

  private void add(String key, JsonNode names) {
    String prompt = CaptionFile.trimmed(key);
    if (prompt.isEmpty()) {
      throw wrong("has an empty prompt; name one");
    }
    if (!names.isArray() || names.isEmpty()) {
      throw wrong("has no list of images for \"%s\"; give it one or more", shown(prompt));
    }
    List<Path> paths = new ArrayList<>();
    for (JsonNode name : names) {
      if (!name.isTextual() || name.asText().isBlank()) {
        throw wrong(
            "has %s in the list of \"%s\"; write names of files in quotes", name, shown(prompt));
      }
      try {
        paths.add(file.resolveSibling(name.asText()).normalize());
      } catch (InvalidPathException e) {
        throw wrong("has a name that is no path here: %s", e.getMessage());
      }
    }
    if (images.put(prompt, paths) != null) {
      throw wrong("has \"%s\" twice; put its images into one list", shown(prompt));
    }
  }

  private void requireThere() {
    List<Path> missing = files().stream().filter(each -> !Files.isRegularFile(each)).toList();
    if (!missing.isEmpty()) {
      throw wrong(
          "names %d of %d images that are not there: %s; names are relative to the JSON file's"
              + " folder",
          missing.size(), files().size(), Named.some(missing, NAMED));
    }
  }

  /** Every file that is named, each once. */
  List<Path> files() {
    return images.values().stream().flatMap(Collection::stream).distinct().toList();
  }

  /** The images of a prompt; {@link #requireAll} says that there are some. */
  List<Path> of(String prompt) {
    return images.get(prompt);
  }

  /**
   * Fails if a prompt has no images.
   *
   * @param key that names where the prompts come from
   */
  void requireAll(Collection<String> prompts, String key) {
    List<String> without =
        prompts.stream().filter(prompt -> !images.containsKey(prompt)).distinct().toList();
    if (!without.isEmpty()) {
      throw wrong(
          "has no images for %d of %d prompts: %s; add them, or take these prompts out of %s",
          without.size(),
          prompts.size(),
          Named.some(
              without.stream().map(prompt -> "\"%s\"".formatted(shown(prompt))).toList(), NAMED),
          key);
    }
  }

  /** Prompts that have images here and are not among {@code prompts}. */
  List<String> others(Collection<String> prompts) {
    return images.keySet().stream().filter(prompt -> !prompts.contains(prompt)).toList();
  }

  static String shown(String prompt) {
    return prompt.length() <= SHOWN ? prompt : prompt.substring(0, SHOWN) + "...";
  }
}
