package io.atelier.actors.web.index;

import io.atelier.actors.run.picture.Pictures;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Small JPEG of pictures, kept in memory by the content they were made of, those that were wanted
 * last. Thread-safe; one is made at a time, so that large pictures are not in memory together.
 */
public final class Thumbnails {

  /** Sides that are made, in pixels: a page that asks for any other gets the picture itself. */
  public static final Set<Integer> SIDES = Set.of(64, 128, 256, 512);

  private final long most;
  private final Map<String, byte[]> kept = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;
  private int made;

  /**
   * @param most bytes of all that are kept
   */
  public Thumbnails(long most) {
    this.most = most;
  }

  /**
   * A picture in small.
   *
   * @param side of {@link #SIDES}
   * @return empty if it is no larger as it is
   * @throws IOException that says what the bytes are instead of a picture
   */
  public synchronized Optional<byte[]> of(byte[] picture, int side) throws IOException {
    String key = sha256(picture) + side;
    byte[] small = kept.get(key);
    if (small == null) {
      made++;
      small = Pictures.thumbnail(picture, side);
      kept.put(key, small);
      bytes += small.length;
      var oldest = kept.entrySet().iterator();
      while (bytes > most && kept.size() > 1) {
        bytes -= oldest.next().getValue().length;
        oldest.remove();
      }
    }
    return small.length < picture.length ? Optional.of(small) : Optional.empty();
  }

  /** Pictures that were made small so far, for tests. */
  synchronized int made() {
    return made;
  }

  /** Of some bytes, lower-case hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
