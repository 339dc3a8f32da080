package io.atelier.models.cache;

import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Writes the files of a cache, and deletes the oldest when it is too large. */
public final class CacheEntries {

  private record Entry(Path file, long bytes, FileTime made) {}

  private CacheEntries() {}

  /**
   * Writes an entry.
   *
   * @throws SafetensorsException saying what to do, if there is no space or no permission to write
   *     it
   */
  public static void write(SafetensorsWriter content, Path entry) {
    try {
      content.write(entry);
    } catch (SafetensorsException e) {
      throw new SafetensorsException(
          e.getMessage()
              + "; make room there, or set XDG_CACHE_HOME to a folder of your own elsewhere",
          e);
    }
  }

  /**
   * Deletes the oldest entries until the rest is small enough. Other processes may delete files
   * meanwhile.
   *
   * @param ending file name suffix of the entries
   * @param limit bytes that may remain
   * @param kept files that are not deleted
   */
  public static void evict(Path folder, String ending, long limit, Collection<Path> kept)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(ending)).toList()) {
        try {
          entries.add(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)));
        } catch (NoSuchFileException e) {
          continue; // another process deleted it
        }
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
