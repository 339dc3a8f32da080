package io.atelier.tests.ocr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OcrRewardTest {

  private static Reward.Outcome score(String prompt, Images... images) {
    Images all = Images.concat(images);
    try (GroupScorer scorer = Rewards.ocr(1).scorer(0)) {
      return scorer
          .score(new ImageGroup(new GroupId(1, 0), new Prompt(0, prompt), all, 1, "hash"), () -> {})
          .outcome();
    }
  }

  private static Images white(int size) {
    byte[] rgb = new byte[3 * size * size];
    Arrays.fill(rgb, (byte) 255);
    return new Images(1, size, size, rgb);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void shouldRewardTheWordThatWasAskedFor(int size) {
    var scored =
        assertInstanceOf(
            Reward.Scored.class,
            score(
                "a sign with the word \"Stop\"",
                Words.word(size, "STOP"),
                Words.word(size, "SALE"), // s, and three letters that are others
                white(size)));
    assertArrayEquals(new float[] {1, 0.25f, 0}, scored.total());
    assertArrayEquals(scored.total(), scored.parts().get("ocr"));
  }

  @Test
  void shouldReadAllLines() {
    var scored =
        assertInstanceOf(
            Reward.Scored.class,
            score("neon light that says \"good night\"", Words.word(128, "GOOD / NIGHT")));
    assertArrayEquals(new float[] {1}, scored.total());
  }

  @Test
  void shouldHaveNoScoreWhereThePromptNamesNoText() {
    var none = assertInstanceOf(Reward.Unscorable.class, score("a stop sign", white(64)));
    assertEquals(
        "no reward applies: ocr: prompt \"a stop sign\" has no text between two double quotes (\")",
        none.reason());
  }
}
