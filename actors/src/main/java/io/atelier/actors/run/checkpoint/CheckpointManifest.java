package io.atelier.actors.run.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.StrayFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of a checkpoint; {@code manifest.json} in its folder, written last.
 *
 * @param format version of the layout of the folder
 * @param step steps trained
 * @param files every other file by its path within the folder
 */
record CheckpointManifest(int format, int step, SortedMap<String, Entry> files) {

  static final int FORMAT = 1;
  static final String NAME = "manifest.json";

  /**
   * One file.
   *
   * @param bytes its length
   * @param sha256 hash of its content, lower-case hexadecimal
   */
  record Entry(long bytes, String sha256) {}

  /** Computes the manifest of the files that are in {@code folder} now. */
  static CheckpointManifest of(Path folder, int step) throws IOException {
    SortedMap<String, Entry> files = new TreeMap<>();
    for (String name : names(folder)) {
      Path file = folder.resolve(name);
      files.put(name, new Entry(Files.size(file), Durable.sha256(file)));
    }
    return new CheckpointManifest(FORMAT, step, files);
  }

  /**
   * Reads the manifest of a checkpoint and verifies every file against it.
   *
   * @throws CheckpointException naming the first file that is missing, extra or different
   * @throws IOException if the storage fails
   */
  static CheckpointManifest verified(Path folder) throws IOException {
    Path path = folder.resolve(NAME);
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CheckpointException("%s is not a folder".formatted(folder));
    }
    try {
      CheckpointManifest manifest = read(path);
      manifest.check(folder);
      return manifest;
    } catch (NoSuchFileException e) {
      throw new CheckpointException("%s is missing".formatted(e.getFile()), e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException("%s is damaged: %s".formatted(path, e.getOriginalMessage()), e);
    }
  }

  /** Checks the format first: other fields of a later format are unknown here. */
  private static CheckpointManifest read(Path path) throws IOException {
    JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(path));
    if (tree.path("format").asInt(0) > FORMAT) {
      throw new NewerFormatException(
          "%s has format %s, this program reads up to %d: it is of a newer Atelier; use that version"
              .formatted(path, tree.get("format"), FORMAT));
    }
    if (!tree.isObject()) {
      throw new CheckpointException("%s is damaged: it holds no JSON object".formatted(path));
    }
    return Json.MAPPER.treeToValue(tree, CheckpointManifest.class);
  }

  private void check(Path folder) throws IOException {
    Path path = folder.resolve(NAME);
    if (format != FORMAT) {
      throw new CheckpointException(
          "%s has format %d, this program reads format %d".formatted(path, format, FORMAT));
    }
    if (files == null || files.containsValue(null)) {
      throw new CheckpointException("%s is damaged: it names no files".formatted(path));
    }
    if (!folder.getFileName().toString().equals(RunFiles.step(step))) {
      throw new CheckpointException("%s is of step %d, not of its folder".formatted(path, step));
    }
    TreeSet<String> present = new TreeSet<>(names(folder));
    for (String name : present) {
      if (!files.containsKey(name)) {
        throw new CheckpointException(
            "%s is not in the manifest of its checkpoint".formatted(folder.resolve(name)));
      }
    }
    for (String name : files.keySet()) {
      Path file = folder.resolve(name);
      if (!present.contains(name)) {
        throw new CheckpointException("%s is missing".formatted(file));
      }
      Entry expected = files.get(name);
      if (Files.size(file) != expected.bytes()) {
        throw new CheckpointException(
            "%s has %d bytes, its manifest says %d"
                .formatted(file, Files.size(file), expected.bytes()));
      }
      String hash = Durable.sha256(file);
      if (!hash.equals(expected.sha256())) {
        throw new CheckpointException(
            "%s is damaged: its SHA-256 is %s, its manifest says %s"
                .formatted(file, hash, expected.sha256()));
      }
    }
  }

  /** The files that the manifest names; none if it cannot be read as one. */
  static Set<String> listed(Path folder) throws IOException {
    try {
      CheckpointManifest manifest = read(folder.resolve(NAME));
      return manifest.files() == null ? Set.of() : manifest.files().keySet();
    } catch (NoSuchFileException | JsonProcessingException | CheckpointException e) {
      return Set.of();
    }
  }

  /** Every file but the manifest, by its path within {@code folder}. */
  static TreeSet<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !StrayFiles.isStray(file))
          .map(file -> folder.relativize(file).toString())
          .filter(name -> !name.equals(NAME))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (UncheckedIOException e) { // of the walk
      throw e.getCause();
    }
  }
}
