package io.atelier.reward.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.state.TensorFiles;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.artifact.ArtifactGuard.Mode;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head on the embedded encoder, trained on drawings and damaged ones. */
class ArtifactHeadTest {

  private static final EncoderConfig SMALL = new EncoderConfig(64, Filter.BICUBIC, 1, 16);
  private static final GroupNoise NOISE = new GroupNoise(3);
  private static final HeadTraining SHORT = new HeadTraining(60, 32, 1e-3, 1);

  @TempDir static Path folder;

  private static Encoder encoder;
  private static ArtifactHead.View view;
  private static ArtifactHead head;
  private static Path file;
  private static final List<Double> LOSSES = new ArrayList<>();

  @BeforeAll
  static void train() {
    Torch.enter(false);
    encoder = OnnxEncoder.lite0(SMALL);
    view = new ArtifactHead.View(encoder.id(), List.of("pool"), List.of("low", "mid"));
    head = trained();
    file = folder.resolve("head.safetensors");
    head.save(file);
  }

  private static ArtifactHead trained() {
    LOSSES.clear();
    return SHORT.train(
        view,
        List.of(pairs(Damage.NOISE, 0, 40), pairs(Damage.SHUFFLED_TILES, 0, 40)),
        NOISE,
        (step, loss) -> LOSSES.add(loss));
  }

  @AfterAll
  static void close() {
    head.close();
    encoder.close();
  }

  private static Images drawings(int from, int to) {
    List<Integer> concepts = IntStream.range(from, to).map(i -> i * 13).boxed().toList();
    return EmojiPack.load().images(EmojiStyle.FLAT, concepts);
  }

  private static Images damaged(Damage kind, int from, int to) {
    Images clean = drawings(from, to);
    return Images.concat(
        IntStream.range(0, clean.count())
            .mapToObj(
                i ->
                    kind.damaged(
                        clean.get(i),
                        NOISE.stream(Purpose.CRITIC_UPDATE, new GroupId(9, from + i))))
            .toArray(Images[]::new));
  }

  private static SeenImages seen(Images images) {
    return new SeenImages(view.features(encoder, images), Map.of());
  }

  private static PairSet pairs(Damage kind, int from, int to) {
    return new PairSet(kind.key(), seen(drawings(from, to)), seen(damaged(kind, from, to)));
  }

  private static ImageGroup group(Images images) {
    return new ImageGroup(new GroupId(0, 0), new Prompt(0, "any"), images, 0, "");
  }

  @Test
  void shouldTellOtherDamagedDrawingsFromCleanOnes() {
    for (Damage kind : new Damage[] {Damage.NOISE, Damage.SHUFFLED_TILES}) {
      PairReport report = PairReport.of(head, pairs(kind, 60, 90));
      assertEquals(30, report.head().pairs());
      assertTrue(report.head().accuracy() >= 0.9, "" + report);
      assertTrue(report.likelihood() > -Math.log(2), "better than a coin: " + report);
      assertTrue(report.clean() > 0.5 && report.damaged() < 0.5, "" + report);
    }
  }

  /** Clean and damaged ones the other way round: what was right is wrong. */
  @Test
  void shouldBeWrongWhereThePairsAre() {
    PairSet right = pairs(Damage.NOISE, 60, 90);
    PairReport report = PairReport.of(head, new PairSet("x", right.damaged(), right.clean()));
    assertTrue(report.head().accuracy() <= 0.1, "" + report);
    assertTrue(report.likelihood() < -Math.log(2), "" + report);
  }

  @Test
  void shouldLearnByTheLikelihood() {
    assertEquals(60, LOSSES.size());
    double first = LOSSES.subList(0, 5).stream().mapToDouble(d -> d).average().orElseThrow();
    double last = LOSSES.subList(55, 60).stream().mapToDouble(d -> d).average().orElseThrow();
    assertEquals(Math.log(2), first, 0.35, "a fresh head is near a coin");
    assertTrue(last < first / 2, first + " " + last);
  }

  @Test
  void shouldComeOutTheSameAgain() {
    try (ArtifactHead again = trained()) {
      assertEquals(
          head.discriminator().weights().contentHash(),
          again.discriminator().weights().contentHash());
    }
  }

  @Test
  void shouldGiveTheSameBitsFromItsFile() {
    Images images = drawings(60, 64);
    float[] here = head.damage(view.features(encoder, images));
    try (ArtifactHead read = ArtifactHead.load(file)) {
      assertEquals(view, read.view());
      assertArrayEquals(here, read.damage(read.view().features(encoder, images)));
      assertArrayEquals(
          new float[] {here[2]}, read.damage(view.features(encoder, images.get(2))), "alone");
    }
  }

  @Test
  void shouldRewardByTheGuardAndReportBothParts() {
    Images images = Images.concat(drawings(60, 62), damaged(Damage.NOISE, 60, 62));
    float[] damage = head.damage(view.features(encoder, images));
    for (Mode mode : Mode.values()) {
      ArtifactGuard guard = new ArtifactGuard(mode, 0.5, 2);
      try (GroupScorer scorer =
          Rewards.artifact(() -> OnnxEncoder.lite0(SMALL), file, guard).scorer(1)) {
        Scored scored =
            assertInstanceOf(Scored.class, scorer.score(group(images), () -> {}).outcome());
        assertArrayEquals(damage, scored.parts().get("artifact/z"));
        for (int i = 0; i < damage.length; i++) {
          double p = 1 / (1 + Math.exp(damage[i]));
          assertEquals(p, scored.parts().get("artifact/p")[i], 1e-6);
          double expected = mode == Mode.ADD ? p : -2 * Math.max(0, 0.5 - p);
          assertEquals(expected, scored.total()[i], 1e-6);
        }
        assertTrue(scored.total()[0] > scored.total()[2], "the damaged one is behind");
      }
    }
  }

  @Test
  void shouldRefuseAnotherEncoder() {
    try (Encoder other = OnnxEncoder.lite0(EncoderConfig.DEFAULT)) {
      String told =
          assertThrows(IllegalArgumentException.class, () -> view.features(other, drawings(0, 1)))
              .getMessage();
      assertEquals(
          "the head was trained on %s, and the encoder here is %s"
              .formatted(encoder.id(), other.id()),
          told);
    }
  }

  @Test
  void shouldRefuseAFileThatIsNoHead() {
    Path other = folder.resolve("other.safetensors");
    TensorFiles.save(
        other, new NamedTensors(Map.of("x", new Tensor(new long[] {1}, new float[1]))), Map.of());
    String told =
        assertThrows(IllegalArgumentException.class, () -> ArtifactHead.load(other)).getMessage();
    assertTrue(
        told.startsWith(other + " does not say in its header what \"encoder\" of the head is"),
        told);
    Path broken = folder.resolve("broken.safetensors");
    NamedTensors weights = head.discriminator().weights();
    NamedTensors infinite =
        weights.with(
            new NamedTensors(
                Map.of(
                    "out.bias",
                    new Tensor(new long[] {1}, new float[] {Float.POSITIVE_INFINITY}))));
    TensorFiles.save(
        broken,
        infinite,
        Map.of("encoder", view.encoder(), "vectors", "pool", "statistics", "low,mid"));
    told = assertThrows(RuntimeException.class, () -> ArtifactHead.load(broken)).getMessage();
    assertTrue(told.contains("out.bias"), told);
  }
}
