package io.atelier.actors.config.cluster;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.HomeFolder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;

/** Folder of files that a node keeps for its user and machine, not for a run. */
public final class StateFolder {

  private StateFolder() {}

  /**
   * Returns a folder in {@code $XDG_STATE_HOME/atelier}, or below {@code .local/state} of the home
   * folder.
   *
   * @throws EnvironmentException if the variable is not an absolute path, or if there is neither
   */
  public static Path of(String name, Map<String, String> environment) {
    return base(environment.getOrDefault("XDG_STATE_HOME", "")).resolve("atelier").resolve(name);
  }

  private static Path base(String state) {
    if (state.startsWith("/")) {
      return Path.of(state);
    }
    if (!state.isEmpty()) {
      throw new EnvironmentException(
          "XDG_STATE_HOME is %s, must be an absolute path; set it to one, or unset it"
              .formatted(state));
    }
    try {
      return Path.of(HomeFolder.expand("~/.local/state"));
    } catch (IllegalArgumentException e) {
      throw new EnvironmentException(
          "this user has no home folder, where a node keeps its token and log; set XDG_STATE_HOME to a folder that it may write",
          e);
    }
  }

  /** Returns this machine's name for use in file names: many machines may share a home folder. */
  public static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^0-9A-Za-z.-]", "-");
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
