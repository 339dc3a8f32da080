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

/** What who may command something knows, and nobody guesses. */
public final class AccessToken {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;
  private static final Set<PosixFilePermission> MINE = PosixFilePermissions.fromString("rw-------");

  private final String text;

  private AccessToken(String text) {
    this.text = text;
  }

  /** A new one, in lower-case hexadecimal. */
  public static AccessToken fresh() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new AccessToken(HexFormat.of().formatHex(bytes));
  }

  /** One that was agreed upon elsewhere. */
  public static AccessToken of(String text) {
    return new AccessToken(text);
  }

  /** What is to be sent, and shown to nobody else. */
  String text() {
    return text;
  }

  /** Whether it is what somebody sent; takes as long for a wrong one that is almost right. */
  public boolean matches(String given) {
    return MessageDigest.isEqual(bytes(given), bytes(text));
  }

  /**
   * Writes it into a file that only this user can read from the first moment on. What was there is
   * replaced, with its permissions.
   *
   * @param more lines behind it
   */
  public void write(Path file, String... more) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(file, PosixFilePermissions.asFileAttribute(MINE));
    String all = text + "\n" + (more.length == 0 ? "" : String.join("\n", more) + "\n");
    // not created here: if the file is gone it would be made again, with other permissions
    Files.writeString(file, all, StandardOpenOption.WRITE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Without what it is, which is no business of a log. */
  @Override
  public String toString() {
    return "a token";
  }
}
