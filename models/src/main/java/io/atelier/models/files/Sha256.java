package io.atelier.models.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;

/** SHA-256 in lower-case hexadecimal. */
public final class Sha256 {

  private static final int CHUNK = 1 << 20;

  private Sha256() {}

  public static String of(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /** Hash over names and values; line ends, which neither should contain, are escaped. */
  public static String of(SortedMap<String, String> values) {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      String line = entry.getKey() + "=" + entry.getValue();
      lines.append(line.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    }
    return of(lines.toString());
  }

  /** A new digest. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
