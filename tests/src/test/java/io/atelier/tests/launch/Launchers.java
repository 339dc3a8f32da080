package io.atelier.tests.launch;

import java.nio.file.Path;

/** Where the launchers lie. */
final class Launchers {

  private Launchers() {}

  static Path file(String name) {
    return Path.of(System.getProperty("atelier.root", ".."), "cluster-conf").resolve(name);
  }
}
