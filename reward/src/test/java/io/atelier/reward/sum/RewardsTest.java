package io.atelier.reward.sum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.RewardException;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RewardsTest {

  private static final ImageReward RED =
      (images, prompt) -> {
        float[] scores = new float[images.count()];
        for (int n = 0; n < scores.length; n++) {
          scores[n] = (images.rgb()[n * images.stride()] & 0xff) / 255f;
        }
        return scores;
      };

  /** Two images of 8 x 8: black, and noise. */
  private static ImageGroup group() {
    byte[] rgb = new byte[2 * 192];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 192; i < rgb.length; i++) {
      rgb[i] = (byte) random.nextInt(256);
    }
    rgb[192] = (byte) 255;
    return new ImageGroup(
        new GroupId(3, 2), new Prompt(0, "noise"), new Images(2, 8, 8, rgb), 3, "hash");
  }

  private static Reward.Outcome score(RewardSum sum) {
    try (GroupScorer scorer = sum.scorer(0)) {
      return scorer.score(group(), () -> {}).outcome();
    }
  }

  private static Reward fixed(Reward.Outcome outcome) {
    return new Reward() {
      @Override
      public String name() {
        return "fixed";
      }

      @Override
      public Outcome score(ImageGroup group) {
        return outcome;
      }
    };
  }

  @Test
  void shouldAddWeightedPartsAndReportThemUnweighted() {
    RewardSum sum =
        Rewards.of("red", RED).weight(2).plus(Rewards.of("one", (i, p) -> new float[] {1, 1}));
    var scored = assertInstanceOf(Reward.Scored.class, score(sum.weight(0.5)));
    assertArrayEquals(new float[] {0.5f, 1.5f}, scored.total());
    assertArrayEquals(new float[] {0, 1}, scored.parts().get("red"));
    assertArrayEquals(new float[] {1, 1}, scored.parts().get("one"));
    assertEquals(List.of("red", "one"), sum.names());
  }

  @Test
  void shouldPreferImagesThatCompress() {
    var scored = assertInstanceOf(Reward.Scored.class, score(Rewards.jpegCompressibility()));
    assertTrue(scored.total()[0] > scored.total()[1], "black beats noise");
    // A JPEG of 8 x 8 has a header of about 600 bytes.
    assertEquals(-0.6 / 500, scored.total()[0], 0.2 / 500);
  }

  @Test
  void shouldHaveNoScoreWhenAnyPartHasNone() {
    RewardSum red = Rewards.of("red", RED);
    RewardSum later = Rewards.of("later", () -> fixed(new Reward.RetryLater("busy")));
    RewardSum never = Rewards.of("never", () -> fixed(new Reward.Unscorable("no text")));
    var retry = assertInstanceOf(Reward.RetryLater.class, score(red.plus(later)));
    assertEquals("later: busy", retry.reason());
    var none = assertInstanceOf(Reward.Unscorable.class, score(later.plus(red).plus(never)));
    assertEquals("never: no text", none.reason());
  }

  @Test
  void shouldLeaveOutARewardThatDoesNotApply() {
    RewardSum red = Rewards.of("red", RED).weight(0.5);
    RewardSum text = Rewards.of("text", () -> fixed(new Reward.Absent("nothing is written")));
    var scored = assertInstanceOf(Reward.Scored.class, score(text.plus(red)));
    assertArrayEquals(new float[] {0, 0.5f}, scored.total());
    assertEquals(Set.of("red"), scored.parts().keySet());
    var none = assertInstanceOf(Reward.Unscorable.class, score(text));
    assertEquals("no reward applies: text: nothing is written", none.reason());
    RewardSum later = Rewards.of("later", () -> fixed(new Reward.RetryLater("busy")));
    assertInstanceOf(Reward.RetryLater.class, score(text.plus(later)));
  }

  @Test
  void shouldScoreWhatAGraphIsMadeOf() {
    RewardSum red = Rewards.of("red", RED);
    RewardSum one = Rewards.of("one", (i, p) -> new float[] {1, 1});
    Node root = Node.leaf("red").weight(-1).plus(Node.leaf("one").weight(0));
    RewardSum combined = red.plus(one).combined(root);
    assertEquals(Optional.of(new RewardGraph(root)), combined.graph());
    var scored = assertInstanceOf(Reward.Scored.class, score(combined));
    assertArrayEquals(new float[] {0, 1}, scored.parts().get("red"));
    assertArrayEquals(new float[] {1, 1}, scored.parts().get("one"));
    assertEquals(Optional.empty(), red.plus(one).graph());
    for (Runnable wrong :
        List.<Runnable>of(
            () -> red.plus(one).combined(Node.leaf("red")),
            () -> red.combined(root),
            () -> red.weight(2).plus(one).combined(root),
            () -> combined.plus(red),
            () -> red.plus(combined),
            () -> combined.weight(2),
            () -> combined.combined(root))) {
      assertThrows(IllegalArgumentException.class, wrong::run);
    }
  }

  @Test
  void shouldNameTheRewardAndTheGroupWhenARewardBreaks() {
    var thrown =
        assertThrows(
            RewardException.class,
            () ->
                score(
                    Rewards.of(
                        "mine",
                        (images, prompt) -> {
                          throw new IllegalStateException("no model");
                        })));
    assertEquals("reward \"mine\" failed on group 3.2: no model", thrown.getMessage());
    thrown =
        assertThrows(
            RewardException.class,
            () -> score(Rewards.of("mine", (i, p) -> new float[] {1, Float.NaN})));
    assertEquals(
        "reward \"mine\" failed on group 3.2: score of image 1 is NaN", thrown.getMessage());
    thrown =
        assertThrows(
            RewardException.class, () -> score(Rewards.of("mine", (i, p) -> new float[3])));
    assertEquals("reward \"mine\" failed on group 3.2: 3 scores for 2 images", thrown.getMessage());
  }

  @Test
  void shouldRefuseSumsThatMeanNothing() {
    RewardSum red = Rewards.of("red", RED);
    assertThrows(IllegalArgumentException.class, () -> red.plus(red));
    assertThrows(IllegalArgumentException.class, () -> red.weight(0));
    assertThrows(IllegalArgumentException.class, () -> red.weight(Double.NaN));
  }

  @Test
  void shouldTakeNoCriticWeightsWhenNothingLearns() {
    try (GroupScorer scorer = Rewards.jpegCompressibility().scorer(0)) {
      NamedTensors none = new NamedTensors(Map.of());
      assertEquals(none.contentHash(), scorer.load(none).hash());
      NamedTensors some = new NamedTensors(Map.of("w", new Tensor(new long[0], new float[] {1})));
      assertThrows(IllegalArgumentException.class, () -> scorer.load(some));
    }
  }
}
