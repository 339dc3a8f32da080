package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.metrics.Correlation;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A critic of several heads, on images of 4 x 4 pixels. References are bright. */
class EnsembleTest {

  private static final long SEED = 3;
  private static final int G = 4;
  private static final int GROUPS = 3;

  private static DiscriminatorConfig view(EnsembleConfig ensemble) {
    return new DiscriminatorConfig(
        16,
        List.of("mean"),
        List.of("map"),
        List.of("map"),
        false,
        Normalise.STANDARD,
        0,
        0.7,
        0.3,
        0,
        256,
        AugmentationConfig.NONE,
        PoolingConfig.PLAIN,
        Optional.empty(),
        ensemble);
  }

  private static EnsembleConfig several(int members, double bootstrap) {
    return new EnsembleConfig(members, bootstrap, Aggregate.MEAN_STD);
  }

  private static CriticConfig critic() {
    return new CriticConfig(
        AdamConfig.discriminator(1e-2),
        1,
        Optional.empty(),
        3,
        1,
        0.3,
        5,
        0.1,
        0.5,
        1,
        1,
        6,
        0.5,
        16,
        Optional.empty());
  }

  private static DiscriminatorSpec spec(EnsembleConfig ensemble, int[] encoded) {
    return new DiscriminatorSpec(
        () -> new Counted(new PixelEncoder(), encoded), view(ensemble), PromptVectors.none());
  }

  private static DiscriminatorCritic make(EnsembleConfig ensemble) {
    return make(ensemble, new int[1]);
  }

  private static DiscriminatorCritic make(EnsembleConfig ensemble, int[] encoded) {
    return spec(ensemble, encoded)
        .critic(critic(), SEED, new References(images(10, 180, 9), Map.of()));
  }

  /** Counts the images that pass through another. */
  private record Counted(Encoder inner, int[] encoded) implements Encoder {
    @Override
    public String id() {
      return inner.id();
    }

    @Override
    public List<String> vectors() {
      return inner.vectors();
    }

    @Override
    public List<String> maps() {
      return inner.maps();
    }

    @Override
    public Map<String, Feature> encode(Images images) {
      encoded[0] += images.count();
      return inner.encode(images);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  private static Images images(int count, int level, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] rgb = new byte[count * 48];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (level + random.nextInt(-60, 60));
    }
    return new Images(count, 4, 4, rgb);
  }

  private static List<ImageGroup> groups(int step) {
    return IntStream.range(0, GROUPS)
        .mapToObj(
            slot ->
                new ImageGroup(
                    new GroupId(step, slot),
                    new Prompt(slot, "prompt " + slot),
                    images(G, 120, step * 100L + slot),
                    step,
                    "hash"))
        .toList();
  }

  private static DiscriminatorReward reward(DiscriminatorCritic critic, EnsembleConfig ensemble) {
    DiscriminatorReward reward = spec(ensemble, new int[1]).reward(SEED);
    assertEquals(critic.weights().contentHash(), reward.load(critic.weights()).hash());
    return reward;
  }

  private static List<GroupFeatures> features(DiscriminatorReward reward, int step) {
    return groups(step).stream()
        .map(group -> reward.judge(group, () -> {}).features().orElseThrow())
        .toList();
  }

  private static List<Scored> scored(DiscriminatorReward reward, int step) {
    return groups(step).stream()
        .map(group -> assertInstanceOf(Scored.class, reward.score(group)))
        .toList();
  }

  private static List<float[][]> members(List<Scored> groups, int members) {
    return groups.stream()
        .map(
            group ->
                IntStream.range(0, members)
                    .mapToObj(k -> group.parts().get("member." + k))
                    .toArray(float[][]::new))
        .toList();
  }

  @Test
  void shouldLearnTheSameBitsWithOneMemberAsWithoutAny() {
    EnsembleConfig one = new EnsembleConfig(1, 0.3, Aggregate.MIN);
    try (DiscriminatorCritic single = make(EnsembleConfig.SINGLE);
        DiscriminatorCritic alone = make(one);
        DiscriminatorReward reward = reward(single, EnsembleConfig.SINGLE)) {
      for (int step = 0; step < 3; step++) {
        List<GroupFeatures> groups = features(reward, step);
        assertEquals(single.update(step, groups), alone.update(step, groups));
      }
      assertEquals(single.state().contentHash(), alone.state().contentHash());
      assertTrue(single.state().names().stream().noneMatch(name -> name.contains("member")));
    }
  }

  @Test
  void shouldBeginWithOtherWeightsOfEachMember() {
    try (DiscriminatorCritic single = make(EnsembleConfig.SINGLE);
        DiscriminatorCritic critic = make(several(3, 0.8))) {
      NamedTensors weights = critic.weights();
      assertEquals(3 * (single.weights().names().size() + 1), weights.names().size());
      TreeMap<String, Tensor> first = new TreeMap<>(weights.part("member.0.").asMap());
      assertArrayEquals(new float[] {1}, first.remove("deviation").values());
      assertEquals(single.weights().contentHash(), new NamedTensors(first).contentHash());
      for (int k = 1; k < 3; k++) {
        float[] own = weights.get("member." + k + ".global.weight").values();
        assertEquals(16 * 9, own.length); // hidden x (mean 3, statistics of the map 6)
        for (int other = 0; other < k; other++) {
          float[] others = weights.get("member." + other + ".global.weight").values();
          assertFalse(Arrays.equals(own, others), k + " and " + other);
        }
      }
    }
  }

  /** Replay, optimizers, deviations and bags of the resumed one are those of the other. */
  @Test
  void shouldGoOnWithTheSameBitsAfterRestore() {
    EnsembleConfig ensemble = several(3, 0.6);
    try (DiscriminatorCritic critic = make(ensemble);
        DiscriminatorCritic resumed = make(ensemble);
        DiscriminatorReward reward = reward(critic, ensemble)) {
      for (int step = 0; step < 3; step++) {
        critic.update(step, features(reward, step));
      }
      NamedTensors saved = critic.state();
      resumed.restore(saved);
      assertEquals(saved.contentHash(), resumed.state().contentHash());
      for (int step = 3; step < 5; step++) {
        Map<String, Double> expected = critic.update(step, features(reward, step));
        assertEquals(6.0, expected.get("critic/replayed"));
        assertEquals(expected, resumed.update(step, features(reward, step)));
      }
      assertEquals(critic.state().contentHash(), resumed.state().contentHash());
      assertNotEquals(saved.contentHash(), resumed.state().contentHash());
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldScoreByAllMembers(Aggregate aggregate) {
    EnsembleConfig ensemble = new EnsembleConfig(3, 0.8, aggregate);
    try (DiscriminatorCritic critic = make(ensemble);
        DiscriminatorReward reward = reward(critic, ensemble)) {
      critic.update(0, features(reward, 0));
      reward.load(critic.weights());
      // Of the weights that are published, on the images of the step that taught them.
      float[] deviations = MemberScores.deviations(members(scored(reward, 0), 3));
      for (int k = 0; k < 3; k++) {
        float[] published = critic.weights().get("member." + k + ".deviation").values();
        assertEquals(deviations[k], published[0], 1e-6f);
        assertNotEquals(1, published[0]);
      }
      for (Scored group : scored(reward, 1)) {
        for (int n = 0; n < G; n++) {
          double[] each = new double[3];
          for (int k = 0; k < 3; k++) {
            float[] own = group.parts().get("member." + k);
            double mean = (own[0] + own[1] + own[2] + own[3]) / (double) G;
            each[k] = (own[n] - mean) / deviations[k];
          }
          assertEquals(aggregate.of(each), group.total()[n], 1e-4);
        }
        assertEquals(4 + 1, group.parts().size(), group.parts().keySet().toString());
      }
    }
  }

  @Test
  void shouldReportHowFarMembersAgree() {
    EnsembleConfig ensemble = several(3, 0.8);
    try (DiscriminatorCritic critic = make(ensemble);
        DiscriminatorReward reward = reward(critic, ensemble)) {
      critic.update(0, features(reward, 0));
      NamedTensors before = critic.weights();
      Map<String, Double> report = critic.update(1, features(reward, 1));
      reward.load(before);
      List<Scored> groups = scored(reward, 1);
      double agreement =
          Correlation.agreement(
                  groups.stream().map(Scored::parts).toList(),
                  List.of("member.0", "member.1", "member.2"))
              .orElseThrow();
      assertEquals(agreement, report.get("critic/member-agreement"), 1e-4);
      assertTrue(agreement < 0.999, "they have learned from other references: " + agreement);
      // mean - std is the mean less the spread, and the mean over a group is 0.
      double total = groups.stream().flatMapToDouble(EnsembleTest::totals).average().orElseThrow();
      assertEquals(-total, report.get("critic/member-spread"), 1e-4);
      assertTrue(report.get("critic/pair-accuracy") >= 0.5, report.toString());
      assertEquals(3.0, report.get("critic/head-steps"));
    }
  }

  private static DoubleStream totals(Scored group) {
    return IntStream.range(0, G).mapToDouble(n -> group.total()[n]);
  }

  @Test
  void shouldEncodeNoMoreForSeveralMembers() {
    int[] one = new int[1];
    int[] four = new int[1];
    try (DiscriminatorCritic single = make(EnsembleConfig.SINGLE, one);
        DiscriminatorCritic critic = make(several(4, 0.8), four);
        DiscriminatorReward reward = reward(single, EnsembleConfig.SINGLE)) {
      List<GroupFeatures> groups = features(reward, 0);
      single.update(0, groups);
      critic.update(0, groups);
      assertEquals(10, one[0]); // every reference once
      assertEquals(one[0], four[0]);
    }
  }

  /** 1000 references, of which each member is to have about 800, and two of them about 640. */
  @Test
  void shouldKeepOtherReferencesForEachMember() {
    DiscriminatorConfig view = view(several(2, 0.8));
    NamedTensors views = FeatureBatch.views(view, new PixelEncoder().encode(images(1000, 180, 9)));
    ReferenceDraw.Drawn drawn =
        new ReferenceDraw.Drawn(
            new FeatureBatch(1000, views, new float[0][]),
            IntStream.range(0, 1000).toArray(),
            List.of(),
            Optional.empty());
    List<List<Integer>> bags = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      GroupNoise noise = new GroupNoise(Member.seed(SEED, k));
      try (Discriminator head =
          Discriminator.create(view, views, noise.stream(Purpose.CRITIC_START, 0))) {
        Member member = new Member(critic(), k, noise, head);
        int[] places = member.bag(drawn).orElseThrow().places();
        assertArrayEquals(places, member.bag(drawn).orElseThrow().places(), "once for the run");
        bags.add(IntStream.of(places).boxed().toList());
      }
    }
    assertEquals(800, bags.get(0).size(), 50);
    assertEquals(800, bags.get(1).size(), 50);
    List<Integer> both = new ArrayList<>(bags.get(0));
    both.retainAll(bags.get(1));
    assertEquals(640, both.size(), 60);
  }

  /** With so small a chance no reference is in any bag. */
  @Test
  void shouldTeachNothingToMembersWithoutReferences() {
    EnsembleConfig ensemble = several(2, 1e-9);
    try (DiscriminatorCritic critic = make(ensemble);
        DiscriminatorReward reward = reward(critic, ensemble)) {
      float[] before = critic.weights().get("member.1.global.weight").values();
      Map<String, Double> report = critic.update(0, features(reward, 0));
      assertEquals(0.0, report.get("critic/head-steps"));
      assertTrue(report.get("critic/loss").isNaN(), report.toString());
      assertFalse(report.containsKey("critic/accuracy"), report.toString());
      assertArrayEquals(before, critic.weights().get("member.1.global.weight").values());
    }
  }

  @Test
  void shouldRefuseTheWeightsOfOtherMembers() {
    try (DiscriminatorCritic three = make(several(3, 0.8));
        DiscriminatorCritic single = make(EnsembleConfig.SINGLE);
        DiscriminatorCritic two = make(several(2, 0.8))) {
      assertRefused(() -> two.restore(three.state()), "3 member(s), but critic.members is 2");
      assertRefused(() -> two.restore(single.state()), "1 member(s), but critic.members is 2");
      assertRefused(() -> single.restore(two.state()), "2 member(s), but critic.members is 1");
    }
    assertRefused(() -> several(0, 0.8), "members 0");
    assertRefused(() -> several(65, 0.8), "members 65");
    assertRefused(() -> several(2, 0), "bootstrap 0.0");
    assertRefused(() -> several(2, 1.1), "bootstrap 1.1");
    assertRefused(() -> several(2, Double.NaN), "bootstrap NaN");
  }

  private static void assertRefused(Executable call, String part) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  @Test
  void shouldCountTheParametersOfAHead() {
    DiscriminatorSpec spec = spec(several(2, 0.8), new int[1]);
    // Global 9 and places of 3 channels to 16, and from there to 1: 16 * 10 + 16 * 4 + 17.
    assertEquals(241, spec.headParameters());
  }
}
