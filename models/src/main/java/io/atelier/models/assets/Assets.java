package io.atelier.models.assets;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/** Reads the files next to this class on the class path. */
final class Assets {

  private Assets() {}

  /** All bytes of the asset called {@code name}, such as {@code captions.tsv}. */
  static byte[] bytes(String name) {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read asset " + name, e);
    }
  }

  /**
   * The bytes inside a gzip asset, which must be exactly {@code length}.
   *
   * @throws IllegalStateException if there are fewer or more
   */
  static byte[] gunzip(String name, int length) {
    byte[] data = new byte[length];
    try (InputStream in = new GZIPInputStream(open(name), 1 << 16)) {
      int read = in.readNBytes(data, 0, length);
      if (read != length || in.read() >= 0) {
        throw new IllegalStateException(
            "asset %s should hold %d bytes but holds %s; rebuild the project"
                .formatted(name, length, read == length ? "more" : Integer.toString(read)));
      }
      return data;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read asset " + name, e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = Assets.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException(
          "asset %s is not on the class path beside %s; rebuild the project"
              .formatted(name, Assets.class.getName()));
    }
    return in;
  }
}
