package io.atelier.actors.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Versions that the build wrote down. */
public final class Version {

  private Version() {}

  /** Version of {@code atelier} itself or of a library that is found by its version. */
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
