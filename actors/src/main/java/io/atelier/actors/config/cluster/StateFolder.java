package io.atelier.actors.config.cluster;

import io.atelier.actors.config.section.HomeFolder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;

/** Where a node keeps what belongs to its user and machine, and to no run. */
public final class StateFolder {

  private StateFolder() {}

  /**
   * A folder in {@code $XDG_STATE_HOME/atelier}, or below {@code .local/state} of the home folder.
   */
  public static Path of(String name, Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    return Path.of(state.startsWith("/") ? state : HomeFolder.expand("~/.local/state"))
        .resolve("atelier")
        .resolve(name);
  }

  /** The name of this machine as a part of file names: many machines may share a home folder. */
  public static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^0-9A-Za-z.-]", "-");
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
