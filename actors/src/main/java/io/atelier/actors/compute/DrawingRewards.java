package io.atelier.actors.compute;

import io.atelier.learner.pretrain.DrawingScores;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.Reward;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.reward.metrics.HeldOut;
import io.atelier.reward.metrics.StyleProbe;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Scores the drawings that the embedded base is trained on, so that it can be told of them: {@code
 * jpeg} and {@code sharpness} as a run's rewards of these names, and {@code style3d}, the log-odds
 * of the three-dimensional style. The style is told by a probe on {@link Encoders#LITE0}, the
 * encoder of rewards; the one of measures stays unseen.
 */
public final class DrawingRewards {

  private static final String STYLE = "style3d";

  private static final Map<String, RewardSum> BY_IMAGE =
      new TreeMap<>(
          Map.of("jpeg", Rewards.jpegCompressibility(), "sharpness", Rewards.sharpness()));

  private DrawingRewards() {}

  /**
   * Refuses names that are no reward of drawings, and those that are given twice.
   *
   * @throws IllegalArgumentException saying which and what there is
   */
  public static void require(List<String> names) {
    for (String name : names) {
      if (!name.equals(STYLE) && !BY_IMAGE.containsKey(name)) {
        throw new IllegalArgumentException(
            "there is no reward \"%s\" of drawings; use some of %s, %s"
                .formatted(name, STYLE, String.join(", ", BY_IMAGE.keySet())));
      }
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new IllegalArgumentException(
            "reward \"%s\" is named twice; leave one out".formatted(name));
      }
    }
  }

  /**
   * Scores of the training split of the pack.
   *
   * @param names of rewards, see {@link #require}
   * @param threads threads within one operation of the encoder, at least 1
   */
  public static List<DrawingScores> score(List<String> names, EmojiPack pack, int threads) {
    require(names);
    return names.stream()
        .map(
            name ->
                new DrawingScores(
                    name,
                    name.equals(STYLE) ? styles(pack, threads) : each(BY_IMAGE.get(name), pack)))
        .toList();
  }

  private static Map<EmojiStyle, float[]> each(RewardSum rewards, EmojiPack pack) {
    Map<EmojiStyle, float[]> scores = new EnumMap<>(EmojiStyle.class);
    try (Reward reward = rewards.alone(0).get()) {
      for (EmojiStyle style : EmojiStyle.values()) {
        Images images = pack.images(style, pack.train());
        ImageGroup drawings =
            new ImageGroup(new GroupId(0, 0), new Prompt(0, ""), images, 0, "drawings");
        Reward.Outcome outcome = reward.score(drawings);
        if (!(outcome instanceof Reward.Scored scored)) {
          throw new IllegalStateException(
              "reward %s of the drawings of style %s: %s"
                  .formatted(reward.name(), style.key(), outcome));
        }
        scores.put(style, scored.total());
      }
    }
    return scores;
  }

  private static Map<EmojiStyle, float[]> styles(EmojiPack pack, int threads) {
    List<FeatureMatrix> features = new ArrayList<>();
    try (Encoder encoder = OnnxEncoder.lite0(EncoderConfig.DEFAULT.withThreads(threads))) {
      for (EmojiStyle style : EmojiStyle.values()) {
        features.add(HeldOut.features(encoder, pack.images(style, pack.train())).mid());
      }
    }
    StyleProbe probe = StyleProbe.fit(features);
    Map<EmojiStyle, float[]> scores = new EnumMap<>(EmojiStyle.class);
    for (EmojiStyle style : EmojiStyle.values()) {
      double[] odds = probe.logOdds(features.get(style.ordinal()), EmojiStyle.THREE_D.ordinal());
      float[] rounded = new float[odds.length];
      for (int i = 0; i < odds.length; i++) {
        rounded[i] = (float) odds[i];
      }
      scores.put(style, rounded);
    }
    return scores;
  }
}
