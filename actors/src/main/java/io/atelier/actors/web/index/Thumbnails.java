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
 * JPEG thumbnails of pictures, cached in memory by the pictures' content; the least recently used
 * are evicted. Thread-safe; one is made at a time, so that large pictures are not in memory
 * together.
 */
public final class Thumbnails {

  /** Sides that are made, in pixels: a page that asks for any other gets the picture itself. */
  public static final Set<Integer> SIDES = Set.of(64, 128, 256, 512);

  private final long most;
  private final Map<String, byte[]> kept = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;
  private int made;

  /**
   * @param most limit of the cache in bytes
   */
  public Thumbnails(long most) {
    this.most = most;
  }

  /**
   * Returns a picture as a thumbnail.
   *
   * @param side of {@link #SIDES}
   * @return empty if the picture is no larger than its thumbnail in bytes
   * @throws IOException if the bytes are not a picture; its message says what they are
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

  /** Returns the number of thumbnails made so far, for tests. */
  synchronized int made() {
    return made;
  }

  /** Returns the SHA-256 of some bytes, in lower-case hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
