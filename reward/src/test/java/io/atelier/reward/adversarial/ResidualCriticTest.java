package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Absent;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.reward.RewardException;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A critic with a prior: how bright an image is. References are bright, the others dark. */
class ResidualCriticTest {

  private static final long SEED = 3;
  private static final int G = 4;
  private static final int REFERENCES = 10;
  private static final PromptVectors VECTORS = prompt -> new float[] {prompt % 2, 1 - prompt % 2};

  private static List<Prompt> prompts() {
    return IntStream.range(0, REFERENCES).mapToObj(i -> new Prompt(i, "prompt " + i)).toList();
  }

  private static DiscriminatorConfig view(
      double scale, boolean seesPrior, AugmentationConfig augmentation) {
    return new DiscriminatorConfig(
        16,
        List.of("mean"),
        List.of("map"),
        List.of("map"),
        false,
        Normalise.STANDARD,
        2,
        0.7,
        0.3,
        0,
        256,
        augmentation,
        PoolingConfig.PLAIN,
        Optional.of(new ResidualConfig("bright", scale, seesPrior, 0.01, 0.01)),
        EnsembleConfig.SINGLE);
  }

  private static CriticConfig critic(double wrongPrompt) {
    return new CriticConfig(
        AdamConfig.discriminator(1e-2),
        1,
        Optional.empty(),
        3,
        1,
        0.3,
        5,
        0.1,
        wrongPrompt,
        1,
        1,
        6,
        0.5,
        REFERENCES,
        Optional.of(CriticLoss.LOGISTIC));
  }

  private static float[] brightness(Images images) {
    float[] scores = new float[images.count()];
    int bytes = images.rgb().length / scores.length;
    for (int i = 0; i < images.rgb().length; i++) {
      scores[i / bytes] += (images.rgb()[i] & 0xff) / (float) bytes;
    }
    return scores;
  }

  /** Asked by group; the prompts are noted. */
  private record Recorded(Set<String> asked, Function<ImageGroup, Outcome> answer)
      implements Reward {
    @Override
    public String name() {
      return "bright";
    }

    @Override
    public Outcome score(ImageGroup group) {
      asked.add(group.id().step() + " " + group.prompt().text());
      return answer.apply(group);
    }
  }

  private static Outcome bright(ImageGroup group) {
    return new Scored(brightness(group.images()), Map.of());
  }

  private static RewardSum sum(DiscriminatorConfig view, Function<ImageGroup, Outcome> answer) {
    return sum(view, answer, new TreeSet<>());
  }

  private static RewardSum sum(
      DiscriminatorConfig view, Function<ImageGroup, Outcome> answer, Set<String> asked) {
    Prior prior = new Prior(() -> new Recorded(asked, answer), prompts());
    return Rewards.adversarial(
        new DiscriminatorSpec(PixelEncoder::new, view, VECTORS, Optional.of(prior)));
  }

  private static References references() {
    return References.onePerPrompt(
        images(REFERENCES, 180, 9), IntStream.range(0, REFERENCES).boxed().toList());
  }

  private static Critic critic(RewardSum sum, CriticConfig config, References references) {
    return sum.taught().get(0).critic(config, SEED, references);
  }

  private static Images images(int count, int level, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] rgb = new byte[count * 48];
    for (int i = 0; i < rgb.length; i++) {
      int own = i / 48 % 4 * 8; // so that the images of a group are of different brightness
      rgb[i] = (byte) (level + own + random.nextInt(-40, 40));
    }
    return new Images(count, 4, 4, rgb);
  }

  private static ImageGroup group(int step, int slot, int level) {
    return new ImageGroup(
        new GroupId(step, slot),
        prompts().get(slot),
        images(G, level, step * 100L + slot),
        step,
        "hash");
  }

  private static Map<String, Double> step(int step, GroupScorer scorer, Critic critic) {
    assertEquals(critic.weights().contentHash(), scorer.load(critic.weights()).hash());
    List<GroupFeatures> features = new ArrayList<>();
    for (int slot = 0; slot < 3; slot++) {
      features.add(scorer.score(group(step, slot, 90), () -> {}).features().orElseThrow());
    }
    return critic.update(step, features);
  }

  private static Scored scored(GroupScorer scorer, ImageGroup group) {
    return assertInstanceOf(Scored.class, scorer.score(group, () -> {}).outcome());
  }

  @ParameterizedTest
  @CsvSource({"1.5, true", "-2, false"})
  void shouldAddTheStandardisedPriorToTheLogits(double scale, boolean seesPrior) {
    RewardSum sum =
        sum(view(scale, seesPrior, AugmentationConfig.NONE), ResidualCriticTest::bright);
    float[] known = brightness((Images) references().images());
    double mean = IntStream.range(0, REFERENCES).mapToDouble(i -> known[i]).average().orElseThrow();
    double square =
        IntStream.range(0, REFERENCES)
            .mapToDouble(i -> Math.pow(known[i] - mean, 2))
            .average()
            .orElseThrow();
    try (Critic critic = critic(sum, critic(0), references());
        GroupScorer scorer = sum.scorer(SEED)) {
      step(0, scorer, critic);
      scorer.load(critic.weights());
      ImageGroup group = group(1, 0, 90);
      Scored scores = scored(scorer, group);
      float[] raw = brightness(group.images());
      for (int i = 0; i < G; i++) {
        double prior = scale * (raw[i] - mean) / Math.sqrt(square);
        assertEquals(prior, scores.parts().get("adversarial/prior")[i], 1e-4);
        double logit =
            0.7 * scores.parts().get("adversarial/global")[i]
                + 0.3 * scores.parts().get("adversarial/local")[i];
        assertEquals(prior + logit, scores.total()[i], 1e-4);
      }
      long width = critic.weights().get("global.weight").shape()[1];
      assertEquals(3 + 6 + (seesPrior ? 1 : 0), width, "means, statistics, and the prior");
    }
  }

  /** Measured of the sum; the residual is what it adds to the prior. */
  @Test
  void shouldMeasureTheSumAndItsParts() {
    RewardSum sum = sum(view(1, true, AugmentationConfig.NONE), ResidualCriticTest::bright);
    try (Critic critic = critic(sum, critic(0.5), references());
        GroupScorer scorer = sum.scorer(SEED)) {
      for (int step = 0; step < 3; step++) {
        Map<String, Double> measured = step(step, scorer, critic);
        for (String side : List.of("reference", "generated")) {
          assertEquals(
              measured.get("critic/prior-" + side) + measured.get("critic/residual-" + side),
              measured.get(side.equals("reference") ? "critic/real" : "critic/fake"),
              1e-4);
        }
        assertEquals(0, measured.get("critic/prior-disagrees"), "bright ones are references");
        assertTrue(Math.abs(measured.get("critic/prior-correlation")) <= 1);
      }
    }
  }

  /** The prior turned around likes what is dark, by much; the sum learns not to. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldOutweighAPriorThatIsWrong(boolean seesPrior) {
    RewardSum sum = sum(view(-1, seesPrior, AugmentationConfig.NONE), ResidualCriticTest::bright);
    try (Critic critic = critic(sum, critic(0), references());
        GroupScorer scorer = sum.scorer(SEED)) {
      Map<String, Double> first = step(0, scorer, critic);
      assertEquals(1, first.get("critic/prior-disagrees"));
      assertTrue(first.get("critic/margin") < -1, "" + first);
      Map<String, Double> last = first;
      for (int step = 1; step < 40; step++) {
        last = step(step, scorer, critic);
      }
      assertTrue(last.get("critic/margin") > 1, "" + last);
      assertTrue(last.get("critic/auc") > 0.9, "" + last);
    }
  }

  @Test
  void shouldGoOnWithTheSameBitsAfterRestore() {
    RewardSum sum =
        sum(view(1, true, new AugmentationConfig(0.7, 0.05)), ResidualCriticTest::bright);
    try (Critic straight = critic(sum, critic(0.5), references());
        Critic resumed = critic(sum, critic(0.5), references());
        GroupScorer scorer = sum.scorer(SEED)) {
      for (int step = 0; step < 3; step++) {
        step(step, scorer, straight);
      }
      NamedTensors saved = straight.state();
      resumed.restore(saved);
      assertEquals(saved.contentHash(), resumed.state().contentHash());
      for (int step = 3; step < 6; step++) {
        assertEquals(step(step, scorer, straight), step(step, scorer, resumed));
      }
      assertEquals(straight.state().contentHash(), resumed.state().contentHash());
      assertNotEquals(saved.contentHash(), resumed.state().contentHash());
    }
  }

  @Test
  void shouldAskForAReferenceOnceUnderItsOwnPrompt() {
    Map<String, Integer> times = new TreeMap<>();
    Function<ImageGroup, Outcome> counted =
        group -> {
          times.merge(group.id().step() + " " + group.prompt().text(), 1, Integer::sum);
          return bright(group);
        };
    Prior prior = new Prior(() -> new Recorded(new TreeSet<>(), counted), prompts());
    PriorScores scores = new PriorScores(prior, references().images(), references().prompts());
    try (scores) {
      int[] places = {2, 5, 2};
      assertArrayEquals(new int[] {2, 5, 2}, scores.owners(places));
      float[] own = scores.of(places, scores.owners(places)).values();
      assertArrayEquals(own, scores.of(places, scores.owners(places)).values());
      assertEquals(Map.of("2 prompt 2", 1, "5 prompt 5", 1), times);
      scores.of(new int[] {2}, new int[] {5});
      assertEquals(1, times.get("2 prompt 5"));
    }
    References free = new References(references().images(), Map.of());
    try (PriorScores any = new PriorScores(prior, free.images(), free.prompts())) {
      assertArrayEquals(new int[] {3, 0}, any.owners(new int[] {3, 10}), "in turn");
    }
  }

  @Test
  void shouldScoreWrongPromptsAsSuch() {
    Set<String> asked = new TreeSet<>();
    RewardSum sum = sum(view(1, true, AugmentationConfig.NONE), ResidualCriticTest::bright, asked);
    try (Critic critic = critic(sum, critic(0.5), references());
        GroupScorer scorer = sum.scorer(SEED)) {
      scorer.load(critic.weights());
      asked.clear();
      step(7, scorer, critic);
      List<String> wrong =
          asked.stream()
              .filter(line -> !line.startsWith("7 "))
              .filter(line -> !line.matches("(\\d+) prompt \\1"))
              .toList();
      assertTrue(wrong.size() >= 2, "asked for " + asked);
    }
  }

  /** It fails as a whole, and says which reference, prompt and prior. */
  @Test
  void shouldNameTheReferenceThatHasNoScore() {
    Map<Function<ImageGroup, Outcome>, String> answers =
        Map.of(
            group -> new RetryLater("busy"), "busy",
            group -> new Unscorable("broken"), "broken",
            group -> new Absent("no text"), "a prior must score every image",
            group -> new Scored(new float[2], Map.of()), "2 scores for 1 images");
    answers.forEach(
        (answer, reason) -> {
          Function<ImageGroup, Outcome> third =
              group -> group.id().step() == 3 ? answer.apply(group) : bright(group);
          RewardSum sum = sum(view(1, true, AugmentationConfig.NONE), third);
          try (Critic critic = critic(sum, critic(0), references())) {
            String told = assertThrows(PriorException.class, critic::weights).getMessage();
            assertTrue(told.startsWith("reference 3, of the prompt \"prompt 3\", has no"), told);
            assertTrue(told.contains("\"bright\"") && told.contains(reason), told);
          }
        });
  }

  /** What a prior says of a group is said of the whole reward. */
  @Test
  void shouldPutOffAGroupAsItsPriorDoes() {
    DiscriminatorConfig view = view(1, true, AugmentationConfig.NONE);
    RewardSum good = sum(view, ResidualCriticTest::bright);
    RewardSum busy = sum(view, group -> new RetryLater("busy"));
    RewardSum broken = sum(view, group -> new Unscorable("too dark"));
    RewardSum absent = sum(view, group -> new Absent("no text"));
    try (Critic critic = critic(good, critic(0), references())) {
      assertEquals(
          new RetryLater("adversarial: prior bright: busy"), outcome(busy, critic.weights()));
      assertEquals(
          new Unscorable("adversarial: prior bright: too dark"), outcome(broken, critic.weights()));
      String told =
          assertThrows(RewardException.class, () -> outcome(absent, critic.weights())).getMessage();
      assertTrue(told.contains("does not apply to the prompt \"prompt 0\" (no text)"), told);
    }
  }

  private static Outcome outcome(RewardSum sum, NamedTensors weights) {
    try (GroupScorer scorer = sum.scorer(SEED)) {
      scorer.load(weights);
      GroupScorer.Result result = scorer.score(group(0, 0, 90), () -> {});
      assertTrue(result.features().isEmpty());
      return result.outcome();
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFitTogether() {
    DiscriminatorConfig view = view(1, true, AugmentationConfig.NONE);
    assertThrows(
        IllegalArgumentException.class,
        () -> new DiscriminatorSpec(PixelEncoder::new, view, VECTORS));
    assertThrows(
        IllegalArgumentException.class, () -> new Prior(() -> null, List.of()), "no prompts");
    RewardSum both =
        Rewards.jpegCompressibility()
            .plus(Rewards.of("own", (images, prompt) -> brightness(images)));
    assertThrows(IllegalArgumentException.class, () -> both.alone(SEED));
    assertThrows(
        IllegalArgumentException.class, () -> sum(view, ResidualCriticTest::bright).alone(SEED));
    try (Reward alone = Rewards.jpegCompressibility().weight(3).alone(SEED).get()) {
      Scored own = assertInstanceOf(Scored.class, alone.score(group(0, 0, 90)));
      try (GroupScorer scorer = Rewards.jpegCompressibility().scorer(SEED)) {
        assertArrayEquals(scored(scorer, group(0, 0, 90)).total(), own.total());
      }
    }
  }
}
