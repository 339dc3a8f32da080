package io.atelier.learner.pretrain;

import io.atelier.models.assets.EmojiStyle;
import java.util.Map;

/**
 * A reward's scores of the training drawings.
 *
 * @param name of the reward
 * @param scores of every style, one for each concept of the training split, in its order; finite
 */
public record DrawingScores(String name, Map<EmojiStyle, float[]> scores) {

  public DrawingScores {
    scores = Map.copyOf(scores);
    for (EmojiStyle style : EmojiStyle.values()) {
      if (!scores.containsKey(style)) {
        throw new IllegalArgumentException(
            "reward %s has no scores of style %s".formatted(name, style.key()));
      }
    }
  }

  /** Returns the scores of all styles, style by style. */
  float[] all() {
    int count = scores.values().stream().mapToInt(s -> s.length).sum();
    float[] all = new float[count];
    int at = 0;
    for (EmojiStyle style : EmojiStyle.values()) {
      float[] own = scores.get(style);
      System.arraycopy(own, 0, all, at, own.length);
      at += own.length;
    }
    return all;
  }
}
