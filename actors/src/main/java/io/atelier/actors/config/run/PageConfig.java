package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;

/**
 * The page of a run in one process.
 *
 * @param port TCP port, 0 for any that is free, -1 for no page
 */
public record PageConfig(int port) {

  private static final int MAX_PORT = 65_535;

  public PageConfig {
    require(
        port >= -1 && port <= MAX_PORT,
        "port is %d, must be 1 to %d, 0 for any that is free, or -1 for none",
        port,
        MAX_PORT);
  }

  public static PageConfig from(Section section) {
    return section.build(() -> new PageConfig(section.integer("port")));
  }
}
