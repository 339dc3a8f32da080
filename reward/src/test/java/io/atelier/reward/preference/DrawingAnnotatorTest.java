package io.atelier.reward.preference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.models.vision.Images;
import io.atelier.reward.preference.DrawingAnnotator.Look;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DrawingAnnotatorTest {

  private static final int BLACK = 0x000000;
  private static final int RED = 0xFF0000;

  /** White images of 3 x 4 pixels with some of one colour. */
  private static Images image(int colour, int... places) {
    byte[] rgb = new byte[36];
    Arrays.fill(rgb, (byte) 255);
    for (int place : places) {
      for (int channel = 0; channel < 3; channel++) {
        rgb[3 * place + channel] = (byte) (colour >> (16 - 8 * channel));
      }
    }
    return new Images(1, 3, 4, rgb);
  }

  /**
   * Of the interior pixels the black one has L = 4 and its neighbour -1: variance 2.5². A red one
   * has luma .299, L = 4 - 4 * .299 and .299 - 1: variance 1.7525². One of twelve pixels is red.
   * The drawing's silhouette has three pixels: one in common, three in all; none in common.
   */
  @Test
  void shouldLookAtWhatIsWorkedOutByHand() {
    Images both = Images.concat(image(BLACK, 5), image(RED, 5));
    Images drawing = image(BLACK, 5, 4, 0);
    List<Look> looks =
        DrawingAnnotator.look(both, new float[] {1, 2, 0, -1}, drawing, new float[] {0, 0});
    assertEquals(-2.5, looks.get(0).closeness(), 1e-9);
    assertEquals(-0.5, looks.get(1).closeness(), 1e-9);
    assertEquals(6.25, looks.get(0).criteria()[0], 1e-6);
    assertEquals(3.071256, looks.get(1).criteria()[0], 1e-6);
    assertEquals(0, looks.get(0).criteria()[1]);
    assertEquals(0.083333, looks.get(1).criteria()[1], 1e-6);
    assertEquals(0.333333, looks.get(0).criteria()[2], 1e-6);
    Look apart = DrawingAnnotator.look(image(BLACK, 6), new float[2], drawing, new float[2]).get(0);
    assertEquals(0, apart.criteria()[2]);
    Look blank =
        DrawingAnnotator.look(image(BLACK), new float[2], image(BLACK), new float[2]).get(0);
    assertEquals(1, blank.criteria()[2]);

    assertEquals(
        Optional.of(new Preference(new Pair(0, 1), -1, List.of(1, -1, 0))),
        DrawingAnnotator.prefer(new Pair(0, 1), looks),
        "the second is closer and has more colour, the first is sharper, the shape is the same");
    assertEquals(
        Optional.empty(),
        DrawingAnnotator.prefer(new Pair(0, 1), List.of(looks.get(0), looks.get(0))));
    assertThrows(
        IllegalArgumentException.class,
        () -> DrawingAnnotator.look(both, new float[3], drawing, new float[2]));
  }
}
