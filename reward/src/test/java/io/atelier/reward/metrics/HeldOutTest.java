package io.atelier.reward.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.metrics.HeldOut.Features;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Raw sets against each other on every sixth concept: figures measured once for all of them. */
class HeldOutTest {

  private final EmojiPack pack = EmojiPack.load();
  private final List<Integer> sixth =
      IntStream.range(0, EmojiPack.SIZE).filter(i -> i % 6 == 0).boxed().toList();

  @Test
  void shouldTellTheDrawnStylesApart() {
    Encoder encoder = OnnxEncoder.mobileNetV2(EncoderConfig.DEFAULT.withThreads(2));
    Images flatImages = pack.images(EmojiStyle.FLAT, sixth);
    Features flat = HeldOut.features(encoder, flatImages);
    Features threeD = HeldOut.features(encoder, pack.images(EmojiStyle.THREE_D, sixth));
    Features noto = HeldOut.features(encoder, pack.images(EmojiStyle.NOTO, sixth));
    TreeMap<String, Features> styles = new TreeMap<>();
    styles.put("flat", flat);
    styles.put("3d", threeD);
    List<Integer> fitted =
        IntStream.range(0, sixth.size()).filter(i -> i % 10 < 7).boxed().toList();
    var concept = new HeldOutReferences.Styles(styles, "3d", fitted);
    List<Integer> others =
        IntStream.range(0, sixth.size()).filter(i -> i % 10 >= 7).boxed().toList();
    StyleJudge judge = StyleJudge.of(concept);
    double right = judge.share(threeD.mid().select(others));
    double wrong = judge.share(flat.mid().select(others));
    double accuracy = (right + 1 - wrong) / 2;
    assertTrue(accuracy > 0.93, "all: 0.98; got " + accuracy);
    var references = HeldOutReferences.of(concept, threeD, Optional.of(noto));
    List<Integer> concepts = IntStream.range(0, sixth.size() - 1).boxed().toList();
    try (HeldOut heldOut = new HeldOut(encoder, references)) {
      HeldOutScores scores = heldOut.score(flatImages.slice(0, concepts.size()), concepts, 2);
      assertEquals(290, scores.kidReference(), 40, "all 1,562: 290");
      assertEquals(scores.kidReference(), scores.kidReferenceRaw());
      assertEquals(120, scores.kidBase().orElseThrow(), 30, "all 1,562: 120");
      double retrieval = scores.retrievalTop1().orElseThrow();
      assertTrue(retrieval > 0.9, "all 1,562: 0.93; got " + retrieval);
      double share = scores.styleShare().orElseThrow();
      assertTrue(share < 0.05, "flat taken for 3d: " + share);
      double diversity = scores.diversity().orElseThrow();
      assertTrue(diversity > 0.5, "different concepts: " + diversity);
      assertThrows(IllegalArgumentException.class, () -> heldOut.score(flatImages, concepts, 2));
    }
  }

  @Test
  void shouldRefuseReferencesThatDoNotFitTogether() {
    Features two = features(2);
    TreeMap<String, Features> styles = new TreeMap<>();
    styles.put("flat", two);
    assertThrows(
        IllegalArgumentException.class,
        () -> new HeldOutReferences.Styles(styles, "flat", List.of(0)));
    styles.put("3d", two);
    assertThrows(
        IllegalArgumentException.class,
        () -> new HeldOutReferences.Styles(styles, "noto", List.of(0)));
    var fit = new HeldOutReferences.Styles(styles, "3d", List.of(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> HeldOutReferences.of(fit, features(1), Optional.empty()));
    styles.put("noto", features(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HeldOutReferences.Styles(styles, "3d", List.of(0)));
  }

  @Test
  void shouldMeasureDistanceAndDiversityWhereNothingIsKnownOfTheReferences() {
    Encoder encoder = OnnxEncoder.mobileNetV2(EncoderConfig.DEFAULT.withThreads(2));
    Images images = pack.images(EmojiStyle.FLAT, sixth.subList(0, 20));
    Features flat = HeldOut.features(encoder, images);
    var references = new HeldOutReferences(flat, flat, Optional.empty(), Optional.empty());
    try (HeldOut heldOut = new HeldOut(encoder, references)) {
      HeldOutScores scores = heldOut.score(images, Collections.nCopies(20, 0), 2);
      assertEquals(Set.of("kidReference", "kidReferenceRaw", "diversity"), scores.asMap().keySet());
    }
  }

  private static Features features(int rows) {
    FeatureMatrix matrix = new FeatureMatrix(rows, 1, new float[rows]);
    return new Features(matrix, matrix);
  }
}
