package io.atelier.actors.compute;

import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of a clean and a damaged image of the same prompt, from JSON lines {@code {"prompt": "a
 * fox", "clean": "a.png", "damaged": "b.png"}}. A name is that of a file beside the JSON file or
 * below, or a whole path.
 */
final class PairFile {

  /**
   * One line.
   *
   * @param prompt what both images show
   */
  record Pair(String prompt, Path clean, Path damaged) {}

  /** What is wanted, for messages. */
  private static final String LINES =
      "{\"prompt\": ..., \"clean\": \"a.png\", \"damaged\": \"b.png\"} on each line";

  private final String option;
  private final Path file;
  private final List<Pair> pairs = new ArrayList<>();

  private PairFile(String option, Path file) {
    this.option = option;
    this.file = file;
  }

  /**
   * Reads {@code file}, and looks whether there are the images that it names.
   *
   * @param option what names the file, for messages
   * @throws IllegalArgumentException that names the line's prompt and what is wrong with it
   */
  static PairFile read(String option, Path file) {
    PairFile read = new PairFile(option, file);
    for (Prompt line : CaptionFile.read(option, file, LINES)) {
      read.pairs.add(read.pair(line));
    }
    return read;
  }

  /** All pairs, in the order of their lines. */
  List<Pair> pairs() {
    return pairs;
  }

  private Pair pair(Prompt line) {
    String origin = "%s: file %s, \"%s\"".formatted(option, file, Captions.beginning(line.text()));
    if (line.attributes().isEmpty()) {
      throw new IllegalArgumentException(
          origin + " names no images; write \"clean\" and \"damaged\" beside \"prompt\"");
    }
    try {
      JsonFile names = JsonFile.parse(origin, line.attributes().getBytes(StandardCharsets.UTF_8));
      Pair pair = new Pair(line.text(), path(names, "clean"), path(names, "damaged"));
      names.requireKnown();
      return pair;
    } catch (FileException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private Path path(JsonFile names, String key) {
    try {
      Path path = file.resolveSibling(names.text(key)).normalize();
      if (!Files.isRegularFile(path)) {
        throw names.wrong(key, "is no file; names are relative to the JSON file's folder");
      }
      return path;
    } catch (InvalidPathException e) {
      throw names.wrong(key, "is no path here");
    }
  }

  /** An image that a line names. */
  Images image(Path image) {
    try {
      return ImageFile.read(image).image();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: image %s cannot be read (%s); convert it to PNG, or take its line out of %s"
              .formatted(option, image, e.getMessage(), file),
          e);
    }
  }
}
