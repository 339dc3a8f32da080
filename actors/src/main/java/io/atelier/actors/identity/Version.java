package io.atelier.actors.identity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/** Versions recorded by the build. */
public final class Version {

  private Version() {}

  /**
   * SHA-256 of the sources of this program, lower-case hexadecimal, as recorded by the build; empty
   * if it was not built by Maven.
   */
  public static Optional<String> build() {
    return Optional.of(of("build")).filter(id -> id.matches("[0-9a-f]{64}"));
  }

  /** Version of {@code atelier} itself or of a library with a recorded version. */
  public static String of(String name) {
    Properties versions = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("versions.properties")) {
      versions.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = versions.getProperty(name);
    if (version == null) {
      throw new IllegalArgumentException("no version of " + name + " is known");
    }
    return version;
  }
}
