package io.atelier.actors.compute;

import io.atelier.actors.people.Label;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import io.atelier.actors.people.VoteTable;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pairs of a clean and a damaged image of the same prompt, from JSON lines {@code {"prompt": "a
 * fox", "clean": "a.png", "damaged": "b.png"}}. A name is that of a file beside the JSON file or
 * below, or a whole path. Also from what people say of a run's pictures.
 */
final class PairFile {

  private static final Logger LOG = LoggerFactory.getLogger(PairFile.class);

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

  /**
   * Pairs of a good image and an artifact, by the labels of people. Of a prompt that has both every
   * image is in a pair, some in several where there are fewer of one kind. A label that somebody
   * gave later counts in place of that before.
   *
   * @throws IllegalArgumentException if no prompt has both
   */
  static PairFile ofLabels(String option, Path file) {
    PairFile read = new PairFile(option, requireThere(option, file));
    Map<String, Label> last = new LinkedHashMap<>();
    PeopleFiles.labels(file).forEach(label -> last.put(label.hash(), label));
    Map<String, List<Path>> good = new LinkedHashMap<>();
    Map<String, List<Path>> artifacts = new LinkedHashMap<>();
    for (Label label : last.values()) {
      if (!label.label().equals(Label.NONE)) {
        (label.label().equals(Label.GOOD) ? good : artifacts)
            .computeIfAbsent(label.prompt(), added -> new ArrayList<>())
            .add(read.copy(label.file()));
      }
    }
    int alone = 0;
    for (String prompt : union(good.keySet(), artifacts.keySet())) {
      List<Path> clean = good.getOrDefault(prompt, List.of());
      List<Path> damaged = artifacts.getOrDefault(prompt, List.of());
      if (clean.isEmpty() || damaged.isEmpty()) {
        alone += clean.size() + damaged.size();
        continue;
      }
      for (int i = 0; i < Math.max(clean.size(), damaged.size()); i++) {
        read.pairs.add(
            new Pair(prompt, clean.get(i % clean.size()), damaged.get(i % damaged.size())));
      }
    }
    if (read.pairs.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: %s has no prompt of which one image is labelled good and another one an artifact; label more"
              .formatted(option, file));
    }
    if (alone > 0) {
      LOG.warn(
          "{}: {} images of {} have no counterpart of the same prompt and are left out",
          option,
          alone,
          file);
    }
    return read;
  }

  /**
   * Pairs of what people preferred and what it was held against. Ties are left out, and so are
   * repeats, which say how sure people are.
   *
   * @throws IllegalArgumentException if nothing was preferred
   */
  static PairFile ofVotes(String option, Path file) {
    PairFile read = new PairFile(option, requireThere(option, file));
    for (Vote vote : VoteTable.counted(PeopleFiles.votes(file))) {
      if (vote.repeats() < 0 && !vote.better().equals(Vote.TIE)) {
        boolean first = vote.better().equals(Vote.A);
        Path a = read.copy(vote.a().file());
        Path b = read.copy(vote.b().file());
        read.pairs.add(new Pair(vote.prompt(), first ? a : b, first ? b : a));
      }
    }
    if (read.pairs.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: nobody preferred one image in %s; judge more pairs".formatted(option, file));
    }
    return read;
  }

  private static Path requireThere(String option, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s: file %s does not exist; name one that the page of a run has written"
              .formatted(option, file));
    }
    return file;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new LinkedHashSet<>(some);
    all.addAll(others);
    return all;
  }

  /** A copy of a picture beside the file, or below. */
  private Path copy(String name) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path copy = folder.resolve(name).normalize();
    if (!copy.startsWith(folder) || !Files.isRegularFile(copy)) {
      throw new IllegalArgumentException(
          "%s: %s names %s, which is no file beside it; copy the folder labels along with it"
              .formatted(option, file, name));
    }
    return copy;
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
