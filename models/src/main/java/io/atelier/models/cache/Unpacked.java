package io.atelier.models.cache;

import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Provides folders of a jar in the file system: weights are mapped from files and libraries loaded
 * from them, so folders in a jar are unpacked once into the user's cache.
 */
public final class Unpacked {

  private Unpacked() {}

  /**
   * The folder that holds the resource {@code file}, unpacked below {@code cache} if it is in a
   * jar.
   */
  public static Path folder(URL file, Path cache) {
    try {
      URI uri = file.toURI();
      if (uri.getScheme().equals("file")) {
        return Path.of(uri).getParent();
      }
      String[] parts = uri.toString().split("!", 2);
      try (FileSystem jar = FileSystems.newFileSystem(URI.create(parts[0]), Map.of())) {
        return unpacked(jar.getPath(parts[1]).getParent(), cache);
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be unpacked into %s (%s); make room there, or set XDG_CACHE_HOME to a folder that can be written"
              .formatted(file.getPath().replaceFirst(".*!/", ""), cache, e),
          e);
    }
  }

  private static Path unpacked(Path source, Path cache) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(source)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    Path target = cache.resolve(source.getFileName() + "-" + fingerprint(source, files));
    if (Files.isDirectory(target)) {
      return target;
    }
    Files.createDirectories(cache);
    Path aside = Files.createTempDirectory(cache, ".unpacking-");
    for (Path file : files) {
      Path copy = aside.resolve(source.relativize(file).toString());
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy);
    }
    try {
      return Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(aside);
      if (Files.isDirectory(target)) {
        return target; // another process was first
      }
      throw e;
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> below;
    try (Stream<Path> walk = Files.walk(folder)) {
      below = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : below) {
      Files.delete(path);
    }
  }

  /**
   * Hash of the names, sizes and checksums listed in the jar, so that another build of the model
   * gets another folder. The contents are not read, since this runs at every start.
   */
  private static String fingerprint(Path source, List<Path> files) throws IOException {
    MessageDigest digest = Sha256.digest();
    for (Path file : files) {
      String entry =
          "%s %d %s%n"
              .formatted(
                  source.relativize(file), Files.size(file), Files.getAttribute(file, "zip:crc"));
      digest.update(entry.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 6);
  }
}
