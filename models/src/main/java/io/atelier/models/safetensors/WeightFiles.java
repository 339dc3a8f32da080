package io.atelier.models.safetensors;

import io.atelier.models.files.Contents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the weights of one part of a pipeline folder. */
final class WeightFiles {

  private static final String SUFFIX = ".safetensors";
  private static final String INDEX = ".safetensors.index.json";

  private WeightFiles() {}

  /**
   * As {@link TensorSource#open}. Fails if there are several candidates and none takes precedence.
   */
  static TensorSource open(Path folder, String base) {
    List<String> files = names(folder);
    List<String> found = found(files, base);
    if (found.size() > 1) {
      throw new SafetensorsException(
          "%s has more than one set of weights: %s; remove all but the one to use"
              .formatted(folder, String.join(", ", found)));
    }
    if (found.isEmpty()) {
      throw new SafetensorsException(missing(folder, base, files));
    }
    Path file = folder.resolve(found.get(0));
    return found.get(0).endsWith(".json")
        ? SafetensorsIndex.open(file)
        : SafetensorsFile.open(file);
  }

  /** As {@link TensorSource#files}. */
  static Set<String> files(Path folder, String base) {
    Set<String> files = new TreeSet<>(found(names(folder), base));
    for (String index : files.stream().filter(file -> file.endsWith(".json")).toList()) {
      files.addAll(SafetensorsIndex.shards(folder.resolve(index)));
    }
    return files;
  }

  private static List<String> found(List<String> files, String base) {
    List<String> usual =
        files.stream().filter(List.of(base + SUFFIX, base + INDEX)::contains).toList();
    if (!usual.isEmpty()) {
      return usual;
    }
    String name = Pattern.quote(base);
    String variant =
        "%s\\.[A-Za-z0-9_]+\\.safetensors|%s\\.safetensors\\.index\\.[A-Za-z0-9_]+\\.json"
            .formatted(name, name);
    return files.stream().filter(file -> file.matches(variant)).toList();
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (NotDirectoryException e) {
      throw new SafetensorsException("%s is not a folder".formatted(folder), e);
    } catch (IOException e) {
      throw new SafetensorsException(
          "%s cannot be read: %s".formatted(folder, Contents.reason(e)), e);
    }
  }

  private static String missing(Path folder, String base, List<String> files) {
    String wanted = "%s has neither %s nor %s".formatted(folder, base + SUFFIX, base + INDEX);
    if (files.stream().anyMatch(file -> file.matches(".*\\.(bin|ckpt|pth?|msgpack|h5)"))) {
      return "%s, only %s; such files are not read, since they can run programs: download or convert"
              .formatted(wanted, String.join(", ", files))
          + " the weights as safetensors";
    }
    return files.isEmpty()
        ? wanted + ": it is empty; download it"
        : "%s, only %s; download the missing files".formatted(wanted, String.join(", ", files));
  }
}
