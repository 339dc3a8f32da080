package io.atelier.actors.rewards;

import io.atelier.models.files.Sha256;
import io.atelier.models.vision.Images;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keys of requests to a server, by content. */
final class AskedKey {

  private AskedKey() {}

  /** Returns the SHA-256 of all that an answer may depend on: words, and pixels of all images. */
  static String of(Map<String, String> words, List<Images> images) {
    MessageDigest digest = Sha256.digest();
    digest.update(HexFormat.of().parseHex(Sha256.of(new TreeMap<>(words))));
    for (Images each : images) {
      String size = "%d x %d x %d".formatted(each.count(), each.height(), each.width());
      digest.update(HexFormat.of().parseHex(Sha256.of(size)));
      each.identify(digest);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
