package io.atelier.rollout.sampler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of a cache, when there are too many. */
final class CacheEntries {

  private record Entry(Path file, long bytes, FileTime made) {}

  private CacheEntries() {}

  /**
   * Deletes the oldest until the rest is small enough.
   *
   * @param kept not deleted
   */
  static void evict(Path folder, long limit, Collection<Path> kept) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        entries.add(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)));
      }
    }
    long bytes = entries.stream().mapToLong(Entry::bytes).sum();
    entries.removeIf(entry -> kept.contains(entry.file()));
    entries.sort(Comparator.comparing(Entry::made));
    for (Entry entry : entries) {
      if (bytes <= limit) {
        return;
      }
      Files.deleteIfExists(entry.file());
      bytes -= entry.bytes();
    }
  }
}
