package io.atelier.models.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 of files. Hashes of large files are kept in the user's cache, so that a model of many
 * gigabytes is read only once for them; a file is hashed again if its size, times or location
 * changed. Thread-safe.
 */
public final class FileHashes {

  private static final Logger LOG = LoggerFactory.getLogger(FileHashes.class);

  /** Smaller files are hashed quickly, so their hashes are not cached. */
  private static final long SMALL = 1 << 20;

  /** Above this, hashing takes so long that the user is told. */
  private static final long LONG = 1L << 30;

  private final Optional<Path> cache;
  private final Consumer<String> say;
  private final UnaryOperator<Stream<Path>> spread;

  private FileHashes(
      Optional<Path> cache, Consumer<String> say, UnaryOperator<Stream<Path>> spread) {
    this.cache = cache;
    this.say = say;
    this.spread = spread;
  }

  /**
   * @param cache the user's cache folder
   * @param say takes a message when hashing takes long
   */
  public static FileHashes cached(Path cache, Consumer<String> say) {
    return new FileHashes(Optional.of(cache.resolve("hashes")), say, UnaryOperator.identity());
  }

  /** Reads every file, without a cache. */
  public static FileHashes fresh(Consumer<String> say) {
    return new FileHashes(Optional.empty(), say, UnaryOperator.identity());
  }

  /**
   * The same, but hashes the files of a call on the threads of the stream that {@code spread}
   * returns.
   */
  public FileHashes on(UnaryOperator<Stream<Path>> spread) {
    return new FileHashes(cache, say, spread);
  }

  /**
   * The hashes of files by the same names.
   *
   * @throws IOException naming the file, if one cannot be read or changes meanwhile
   */
  public SortedMap<String, String> of(SortedMap<String, Path> files) throws IOException {
    SortedMap<String, String> hashes = new TreeMap<>();
    Map<String, Path> unknown = new TreeMap<>();
    long bytes = 0;
    for (Map.Entry<String, Path> entry : files.entrySet()) {
      Optional<String> kept = kept(entry.getValue());
      if (kept.isPresent()) {
        hashes.put(entry.getKey(), kept.get());
      } else {
        unknown.put(entry.getKey(), entry.getValue());
        bytes += Files.size(entry.getValue());
      }
    }
    if (bytes > LONG) {
      say.accept(
          String.format(
              Locale.ROOT,
              "hashing %.1f GiB beside %s%s",
              bytes / (double) LONG,
              unknown.values().iterator().next(),
              cache.isPresent() ? ", once" : ""));
    }
    try {
      Map<Path, String> made =
          spread
              .apply(unknown.values().stream().distinct())
              .collect(Collectors.toConcurrentMap(file -> file, this::made));
      unknown.forEach((name, file) -> hashes.put(name, made.get(file)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return hashes;
  }

  private String made(Path file) {
    try {
      String stamp = stamp(file);
      String hash = Sha256.of(file);
      if (!stamp.equals(stamp(file))) {
        throw new IOException(file + " changed while it was read; try again when it is complete");
      }
      if (Files.size(file) >= SMALL) {
        keep(file, stamp, hash);
      }
      return hash;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<String> kept(Path file) throws IOException {
    if (cache.isEmpty() || Files.size(file) < SMALL) {
      return Optional.empty();
    }
    Path entry = entry(file);
    if (Files.notExists(entry)) {
      return Optional.empty();
    }
    try {
      List<String> lines = Files.readAllLines(entry);
      boolean whole = lines.size() >= 2 && lines.get(1).matches("[0-9a-f]{64}");
      return whole && lines.get(0).equals(stamp(file))
          ? Optional.of(lines.get(1))
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} is made again: {}", entry, e.toString());
      return Optional.empty();
    }
  }

  private void keep(Path file, String stamp, String hash) {
    if (cache.isEmpty()) {
      return;
    }
    Path entry = entry(file);
    try {
      String lines = "%s\n%s\n%s\n".formatted(stamp, hash, file);
      WholeFile.write(entry, lines.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be kept, so the next start hashes {} again: {}", entry, file, e.toString());
    }
  }

  private Path entry(Path file) {
    return cache.orElseThrow().resolve(Sha256.of(file.toAbsolutePath().toString()));
  }

  /** Attributes that change when a file does; the last of them cannot be reset by users. */
  private static String stamp(Path file) throws IOException {
    BasicFileAttributes at = Files.readAttributes(file, BasicFileAttributes.class);
    String changed =
        file.getFileSystem().supportedFileAttributeViews().contains("unix")
            ? Files.getAttribute(file, "unix:ctime").toString()
            : "";
    Instant modified = at.lastModifiedTime().toInstant();
    return "%d %d%09d %s %s"
        .formatted(at.size(), modified.getEpochSecond(), modified.getNano(), at.fileKey(), changed);
  }
}
