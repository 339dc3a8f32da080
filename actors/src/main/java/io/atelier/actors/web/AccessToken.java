package io.atelier.actors.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** An unguessable secret that authorizes commands. */
public final class AccessToken {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;
  private static final Set<PosixFilePermission> MINE = PosixFilePermissions.fromString("rw-------");

  private final String text;

  private AccessToken(String text) {
    this.text = text;
  }

  /** Makes a new token, in lower-case hexadecimal. */
  public static AccessToken fresh() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new AccessToken(HexFormat.of().formatHex(bytes));
  }

  /** Wraps a token that was agreed upon elsewhere. */
  public static AccessToken of(String text) {
    return new AccessToken(text);
  }

  /** Returns the secret itself, which must be sent only to who may know it. */
  String text() {
    return text;
  }

  /** Whether {@code given} is this token; compares in constant time. */
  public boolean matches(String given) {
    return MessageDigest.isEqual(bytes(given), bytes(text));
  }

  /**
   * Writes it to a file that only this user can read from its creation on. An earlier file is
   * replaced, and its permissions too.
   *
   * @param more lines after it
   */
  public void write(Path file, String... more) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(file, PosixFilePermissions.asFileAttribute(MINE));
    String all = text + "\n" + (more.length == 0 ? "" : String.join("\n", more) + "\n");
    // without CREATE: a deleted file would be created again with other permissions
    Files.writeString(file, all, StandardOpenOption.WRITE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Does not show the secret, which must not get into logs. */
  @Override
  public String toString() {
    return "a token";
  }
}
