package io.atelier.actors.config.section;

import java.nio.file.Path;
import java.util.Optional;

/** Paths that begin with the user's home folder, written {@code ~} as in a shell. */
public final class HomeFolder {

  private HomeFolder() {}

  /**
   * Returns the path with the home folder in place of a leading {@code ~}.
   *
   * @throws IllegalArgumentException for the home of another user, which only a shell knows, and if
   *     the user has none
   */
  public static String expand(String path) {
    return expand(path, home());
  }

  static String expand(String path, String home) {
    if (!path.startsWith("~")) {
      return path;
    }
    if (!home.startsWith("/")) {
      throw new IllegalArgumentException(
          "%s is in the home folder, and this user has none; set HOME, or write the whole path"
              .formatted(path));
    }
    if (path.length() > 1 && path.charAt(1) != '/') {
      throw new IllegalArgumentException(
          "%s names another user's home folder; write the whole path, or ./%s for a name with a ~"
              .formatted(path, path));
    }
    return Path.of(home, path.substring(1)).toString();
  }

  private static String home() {
    return Optional.ofNullable(System.getenv("HOME"))
        .filter(folder -> !folder.isBlank())
        .orElseGet(() -> System.getProperty("user.home"));
  }
}
