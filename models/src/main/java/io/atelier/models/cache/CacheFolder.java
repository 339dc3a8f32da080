package io.atelier.models.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's folder for reproducible files: {@code $XDG_CACHE_HOME/atelier}, or {@code
 * $HOME/.cache/atelier}, or the same below the system's home folder. If none is writable, it is a
 * private folder in the temporary folder, with a warning.
 */
public final class CacheFolder {

  private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /**
   * @param folder an existing, writable folder
   * @param refused the candidates before it and why each was rejected; empty if it was the first
   *     choice
   */
  record Choice(Path folder, List<String> refused) {}

  private static final String UID = "unix:uid";

  private static Path chosen;

  private CacheFolder() {}

  /**
   * The folder, which exists. The first call chooses it, and directs native libraries below it
   * unless the user configured another folder.
   */
  public static synchronized Path get() {
    if (chosen == null) {
      Choice choice =
          choose(
              System.getenv(),
              System.getProperty("user.home", ""),
              Path.of(System.getProperty("java.io.tmpdir")));
      if (!choice.refused().isEmpty()) {
        LOG.warn(
            "unpacked files go to {}: {}; set XDG_CACHE_HOME to a folder that can be written",
            choice.folder(),
            String.join(", ", choice.refused()));
      }
      direct("DJL_CACHE_DIR", choice.folder().resolve("djl"));
      direct("jna.tmpdir", choice.folder().resolve("jna"));
      chosen = choice.folder();
    }
    return chosen;
  }

  private static void direct(String property, Path folder) {
    if (System.getenv(property) == null && System.getProperty(property) == null) {
      System.setProperty(property, folder.toString());
    }
  }

  static Choice choose(Map<String, String> environment, String home, Path temporary) {
    List<String> refused = new ArrayList<>();
    String[][] candidates = {
      {"XDG_CACHE_HOME", environment.getOrDefault("XDG_CACHE_HOME", ""), ""},
      {"HOME", environment.getOrDefault("HOME", ""), ".cache"},
      {"the home folder", home, ".cache"},
    };
    for (String[] candidate : candidates) {
      if (candidate[1].isBlank()) {
        continue;
      }
      try {
        return new Choice(usable(candidate[1], candidate[2]), refused);
      } catch (IOException | InvalidPathException e) {
        refused.add("%s is %s (%s)".formatted(candidate[0], candidate[1], e.getMessage()));
      }
    }
    if (refused.isEmpty()) {
      refused.add("neither XDG_CACHE_HOME nor HOME is set");
    }
    return new Choice(temporary(temporary), refused);
  }

  private static Path usable(String base, String below) throws IOException {
    Path folder = Path.of(base);
    if (!folder.isAbsolute()) { // the home of a user without one is "?"
      throw new IOException("is not absolute");
    }
    if (folder.getParent() == null) {
      throw new IOException("is the root folder");
    }
    Path cache = folder.resolve(below).resolve("atelier");
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      throw new IOException("cannot be written", e);
    }
    if (!Files.isWritable(cache)) {
      throw new IOException("cannot be written");
    }
    return cache;
  }

  /** One folder for each user, so that the next process finds the files that this one unpacks. */
  private static Path temporary(Path parent) {
    try {
      Object user = user(parent);
      Path folder = parent.resolve("atelier-cache-" + user);
      try {
        return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
      } catch (FileAlreadyExistsException e) {
        // made by an earlier process, or by one that starts at the same time
      }
      // libraries are loaded from it: a folder that others own or can write is not used
      boolean own =
          Files.getAttribute(folder, UID, LinkOption.NOFOLLOW_LINKS).equals(user)
              && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(PRIVATE);
      return own ? folder : Files.createTempDirectory(parent, "atelier-cache-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no folder for unpacked files can be created in %s (%s); set XDG_CACHE_HOME to a folder that can be written"
              .formatted(parent, e),
          e);
    }
  }

  /** The numeric user id; not every user has a name. */
  private static Object user(Path parent) throws IOException {
    Path probe = Files.createTempFile(parent, "atelier-", ".user");
    try {
      return Files.getAttribute(probe, UID);
    } finally {
      Files.delete(probe);
    }
  }
}
