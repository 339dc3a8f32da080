package io.atelier.reward.feature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.RewardException;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On images of one pixel, whose vector is their colour; numbers worked out by hand. */
class FeatureRewardsTest {

  private static final int RED = 0xff0000;
  private static final int YELLOW = 0xffff00;
  private static final int BLUE = 0x0000ff;
  private static final int BLACK = 0;

  private int opened;
  private int encoded;
  private int closed;

  private final FeatureSource source = new FeatureSource(PixelColour::new, "colour");

  private final class PixelColour implements Encoder {
    PixelColour() {
      opened++;
    }

    @Override
    public String id() {
      return "pixel";
    }

    @Override
    public List<String> vectors() {
      return List.of("colour");
    }

    @Override
    public List<String> maps() {
      return List.of();
    }

    @Override
    public Map<String, Feature> encode(Images images) {
      encoded += images.count();
      float[] values = new float[3 * images.count()];
      for (int i = 0; i < values.length; i++) {
        values[i] = images.rgb()[i] & 255;
      }
      return Map.of("colour", new Feature(new long[] {images.count(), 3}, values));
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private static Images pixels(int... colours) {
    byte[] rgb = new byte[3 * colours.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (colours[i / 3] >> 8 * (2 - i % 3));
    }
    return new Images(colours.length, 1, 1, rgb);
  }

  private static ImageGroup group(int prompt, int... colours) {
    return new ImageGroup(
        new GroupId(0, 0), new Prompt(prompt, "prompt " + prompt), pixels(colours), 0, "hash");
  }

  private static Reward.Scored scored(GroupScorer scorer, ImageGroup group) {
    return assertInstanceOf(Reward.Scored.class, scorer.score(group, () -> {}).outcome());
  }

  private static RewardSum rule() {
    return Rewards.of("rule", (images, prompt) -> new float[] {1, 0});
  }

  /** Of red, yellow and blue the cosines are 1 / sqrt(2) and 0; red and blue are references. */
  @Test
  void shouldScoreTheCosineWithTheNearestReference() {
    References references = new References(pixels(BLUE, RED), Map.of(3, List.of(0, 1)));
    try (GroupScorer scorer = Rewards.similarity(source, references).scorer(0)) {
      assertArrayEquals(
          new float[] {1, 0.707107f, 1},
          scored(scorer, group(3, RED, YELLOW, BLUE)).total(),
          1e-6f);
      assertArrayEquals(
          new float[] {0.707107f, 0.577350f},
          scored(scorer, group(3, YELLOW, 0xffffff)).total(),
          1e-6f);
      assertEquals(2 + 3 + 2, encoded, "references are encoded once");
    }
    assertEquals(1, closed);
  }

  /** lambda R + (1 - lambda) sim with lambda .7: .7 + .3 and .3 / sqrt(2). */
  @Test
  void shouldBeEquationEightBesideARule() {
    References references = new References(pixels(RED), Map.of(0, List.of(0)));
    RewardSum sum = rule().weight(0.7).plus(Rewards.similarity(source, references).weight(0.3));
    try (GroupScorer scorer = sum.scorer(0)) {
      assertArrayEquals(
          new float[] {1, 0.212132f}, scored(scorer, group(0, RED, YELLOW)).total(), 1e-6f);
      assertArrayEquals(
          new float[] {0.7f, 0},
          scored(scorer, group(1, RED, YELLOW)).total(),
          1e-6f,
          "a prompt without references");
    }
  }

  /** 1 - 1 / sqrt(2) = .292893 of red and yellow, 1 of blue, and their mean is .528595. */
  @Test
  void shouldScoreHowFarAnImageIsFromTheNearestOther() {
    try (GroupScorer scorer = Rewards.diversity(source).scorer(0)) {
      Reward.Scored three = scored(scorer, group(0, RED, YELLOW, BLUE));
      assertArrayEquals(new float[] {0.554097f, 0.554097f, 1.891806f}, three.total(), 2e-6f);
      assertArrayEquals(
          new float[] {0.292893f, 0.292893f, 1}, three.parts().get("diversity/distance"), 1e-6f);
      Reward.Scored equal = scored(scorer, group(0, BLUE, BLUE, BLUE));
      assertArrayEquals(new float[] {1, 1, 1}, equal.total());
      assertArrayEquals(new float[] {0, 0, 0}, equal.parts().get("diversity/distance"));
    }
  }

  @Test
  void shouldLookAtAGroupOnceForAllThatCompareImages() {
    References references = new References(pixels(RED), Map.of(0, List.of(0)));
    RewardSum both = Rewards.similarity(source, references).plus(Rewards.diversity(source));
    try (GroupScorer scorer = both.scorer(0)) {
      scored(scorer, group(0, RED, YELLOW));
      assertEquals(1, opened);
      assertEquals(1 + 2, encoded);
    }
    assertEquals(1, closed);
  }

  @Test
  void shouldGiveNoNumberWhereThereIsNothingToCompare() {
    try (GroupScorer scorer = Rewards.diversity(source).scorer(0)) {
      assertTrue(
          assertThrows(RewardException.class, () -> scorer.score(group(0, RED), () -> {}))
              .getMessage()
              .endsWith("a group of one image has no diversity"));
      String told =
          assertThrows(RewardException.class, () -> scorer.score(group(0, RED, BLACK), () -> {}))
              .getMessage();
      assertTrue(
          told.endsWith(
              "output colour of encoder pixel has length 0.0 for image 1, and no direction"),
          told);
    }
  }
}
