package io.atelier.reward.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.vision.Images;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.reward.judge.PairJudge.Judged;
import io.atelier.reward.judge.PairJudge.Later;
import io.atelier.reward.judge.PairJudge.Never;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TournamentRewardTest {

  /** Images of one pixel, whose red is 10, 20, 30 and so on. */
  private static ImageGroup group(int images) {
    byte[] rgb = new byte[3 * images];
    for (int i = 0; i < images; i++) {
      rgb[3 * i] = (byte) (10 * (i + 1));
    }
    return new ImageGroup(
        new GroupId(1, 2), new Prompt(7, "a fox"), new Images(images, 1, 1, rgb), 1, "");
  }

  private static TournamentReward reward(double... firstBetter) {
    PairJudge judge = (id, prompt, matches) -> new Judged(firstBetter, new TreeMap<>());
    return new TournamentReward("taste", judge, Optional.empty());
  }

  private static float[] total(Outcome outcome) {
    assertTrue(outcome instanceof Scored, () -> "not scored: " + outcome);
    return ((Scored) outcome).total();
  }

  /** (.9 + .6) / 2, (.1 + .3) / 2, (.4 + .7) / 2, which add up to 3 / 2. */
  @Test
  void shouldBeTheMeanProbabilityOfBeingBetter() {
    assertArrayEquals(
        new float[] {0.75f, 0.20f, 0.55f}, total(reward(0.9, 0.6, 0.3).score(group(3))), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 24})
  void shouldAddUpToHalfOfTheGroup(int images) {
    PairJudge judge =
        (id, prompt, matches) ->
            new Judged(
                matches.stream()
                    .mapToDouble(m -> (m.first() * 31 + m.second() * 17) % 11 / 10.0)
                    .toArray(),
                new TreeMap<>());
    float[] scores =
        total(new TournamentReward("taste", judge, Optional.empty()).score(group(images)));
    double sum = 0;
    for (float score : scores) {
      sum += score;
    }
    assertEquals(images / 2.0, sum, 1e-5);
  }

  @Test
  void shouldHoldEachPairOfAGroupAgainstEachOtherOnce() {
    List<Match> asked = new ArrayList<>();
    PairJudge judge =
        (id, prompt, matches) -> {
          asked.addAll(matches);
          assertEquals(new GroupId(1, 2), id);
          assertEquals("a fox", prompt.text());
          return new Later("busy");
        };
    Outcome outcome = new TournamentReward("taste", judge, Optional.empty()).score(group(3));
    assertEquals(new RetryLater("busy"), outcome);
    assertEquals(
        List.of("0:1 10:20", "0:2 10:30", "1:2 20:30"),
        asked.stream()
            .map(
                m ->
                    "%d:%d %d:%d"
                        .formatted(
                            m.first(),
                            m.second(),
                            m.firstImage().rgb()[0],
                            m.secondImage().rgb()[0]))
            .toList());
  }

  @Test
  void shouldHoldEachImageAgainstTheAnchorOfItsPrompt() {
    Anchors anchors = prompt -> new Images(1, 1, 1, new byte[] {(byte) prompt.index(), 0, 0});
    PairJudge judge =
        (id, prompt, matches) -> {
          for (Match match : matches) {
            assertEquals(Match.ANCHOR, match.second());
            assertEquals(7, match.secondImage().rgb()[0]);
          }
          return new Judged(new double[] {0.25, 1}, new TreeMap<>(Map.of("agreement", 0.5)));
        };
    Scored scored =
        (Scored) new TournamentReward("taste", judge, Optional.of(anchors)).score(group(2));
    assertArrayEquals(new float[] {0.25f, 1}, scored.total());
    assertArrayEquals(new float[] {0.5f, 0.5f}, scored.parts().get("agreement"));
    float[] alone =
        total(
            new TournamentReward(
                    "taste",
                    (id, prompt, matches) -> new Judged(new double[] {0.75}, new TreeMap<>()),
                    Optional.of(anchors))
                .score(group(1)));
    assertArrayEquals(new float[] {0.75f}, alone);
  }

  @Test
  void shouldHaveNoScoresWhereThereAreNoAnswers() {
    PairJudge judge = (id, prompt, matches) -> new Never("a face");
    assertEquals(
        new Unscorable("a face"),
        new TournamentReward("taste", judge, Optional.empty()).score(group(2)));
    assertThrows(IllegalArgumentException.class, () -> reward(0.5).score(group(3)));
    assertThrows(IllegalArgumentException.class, () -> reward(0.5).score(group(1)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void shouldTakeNothingForAProbabilityThatIsNone(double value) {
    assertThrows(
        IllegalArgumentException.class, () -> new Judged(new double[] {value}, new TreeMap<>()));
  }

  @Test
  void shouldCloseItsJudge() {
    List<String> closed = new ArrayList<>();
    PairJudge judge =
        new PairJudge() {
          @Override
          public Verdict judge(GroupId group, Prompt prompt, List<Match> matches) {
            return new Later("");
          }

          @Override
          public void close() {
            closed.add("judge");
          }
        };
    new TournamentReward("taste", judge, Optional.empty()).close();
    assertEquals(List.of("judge"), closed);
  }
}
