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

/** The files of a cache: written, and deleted when there are too many. */
public final class CacheEntries {

  private record Entry(Path file, long bytes, FileTime made) {}

  private CacheEntries() {}

  /**
   * Writes an entry that is read again at once.
   *
   * @throws SafetensorsException saying what to do, if there is no room or no right to write it
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
   * Deletes the oldest until the rest is small enough. What another process deletes meanwhile is
   * gone all the same.
   *
   * @param ending of the names of the files that are looked at
   * @param limit bytes that may stay
   * @param kept not deleted
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
