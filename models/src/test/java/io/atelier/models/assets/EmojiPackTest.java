package io.atelier.models.assets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.vision.Images;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EmojiPackTest {

  /**
   * Of the list of held-out indices; a change would leak held-out concepts into published numbers.
   */
  private static final int HELD_OUT_HASH = -1790160421;

  private final EmojiPack pack = EmojiPack.load();

  @Test
  void shouldReadConceptsInOrder() {
    EmojiPack.Concept first = pack.concept(0);
    assertEquals("1f600", first.codePoints());
    assertEquals("grinning face", first.caption());
    assertTrue(first.tags().contains("cheerful"));
    assertEquals("smileys-emotion", first.group());
    assertEquals("face-smiling", first.subgroup());
    assertEquals(EmojiPack.SIZE, pack.captions().size());
    assertEquals(EmojiPack.SIZE, new HashSet<>(pack.captions()).size());
  }

  @Test
  void shouldGiveUnitCaptionVectorsThatKnowMeaning() {
    for (int i = 0; i < EmojiPack.SIZE; i++) {
      assertEquals(1, cosine(pack.captionVector(i), pack.captionVector(i)), 2e-3, "caption " + i);
    }
    float[] engine = pack.captionVector(index("fire engine"));
    assertEquals(0.22, cosine(pack.captionVector(index("grinning face")), engine), 0.1);
    assertTrue(cosine(pack.captionVector(index("ambulance")), engine) > 0.35);
  }

  @Test
  void shouldDrawEveryConceptOnWhiteInEveryStyle() {
    for (EmojiStyle style : EmojiStyle.values()) {
      Images all = pack.images(style);
      assertEquals(EmojiPack.SIZE, all.count());
      int white = 0;
      for (int i = 0; i < all.count(); i++) {
        int at = i * all.stride();
        white += all.rgb()[at] == -1 && all.rgb()[at + 1] == -1 && all.rgb()[at + 2] == -1 ? 1 : 0;
      }
      assertTrue(white > 0.9 * EmojiPack.SIZE, style + ": white corners " + white);
    }
  }

  @Test
  void shouldGatherImagesInTheOrderAskedFor() {
    Images two = pack.images(EmojiStyle.NOTO, List.of(7, 3));
    assertEquals(2, two.count());
    assertArrayEquals(pack.image(EmojiStyle.NOTO, 7).rgb(), two.get(0).rgb());
    assertArrayEquals(pack.image(EmojiStyle.NOTO, 3).rgb(), two.get(1).rgb());
    assertThrows(
        IndexOutOfBoundsException.class, () -> pack.images(EmojiStyle.NOTO, List.of(1562)));
  }

  @Test
  void shouldSplitTheSameWayForEver() {
    assertEquals(1100, pack.train().size());
    assertEquals(462, pack.heldOut().size());
    Set<Integer> all = new HashSet<>(pack.train());
    all.addAll(pack.heldOut());
    assertEquals(EmojiPack.SIZE, all.size());
    assertEquals(HELD_OUT_HASH, pack.heldOut().hashCode());
    assertEquals(pack.heldOut().stream().sorted().toList(), pack.heldOut());
  }

  @Test
  void shouldNameTheStylesThatExist() {
    assertEquals(EmojiStyle.THREE_D, EmojiStyle.of("3d"));
    var error = assertThrows(IllegalArgumentException.class, () -> EmojiStyle.of("3D"));
    assertTrue(error.getMessage().contains("flat, 3d, noto"), error.getMessage());
  }

  private int index(String caption) {
    return pack.captions().indexOf(caption);
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
