package io.atelier.actors.rewards;

import io.atelier.models.files.Sha256;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward.Scored;
import io.atelier.rollout.ImageGroup;
import java.net.URI;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Scores by what was scored, for all workers of a process; those that were not asked for longest go
 * first. Scores are shared: do not modify.
 */
final class ScoreCache {

  private final Map<String, Scored> scores;

  /**
   * @param most groups that are kept
   */
  ScoreCache(int most) {
    this.scores =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Scored> eldest) {
            return size() > most;
          }
        };
  }

  /** SHA-256 over all that a score may depend on: where it comes from, prompt and pixels. */
  static String key(URI url, ImageGroup group) {
    Images images = group.images();
    Map<String, String> asked =
        Map.of(
            "url", url.toString(),
            "prompt", group.prompt().text(),
            "attributes", group.prompt().attributes(),
            "size", "%d x %d x %d".formatted(images.count(), images.height(), images.width()));
    MessageDigest digest = Sha256.digest();
    digest.update(HexFormat.of().parseHex(Sha256.of(new TreeMap<>(asked))));
    images.identify(digest);
    return HexFormat.of().formatHex(digest.digest());
  }

  synchronized Optional<Scored> get(String key) {
    return Optional.ofNullable(scores.get(key));
  }

  synchronized void put(String key, Scored scored) {
    scores.put(key, scored);
  }
}
