package io.atelier.reward.sum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import org.junit.jupiter.api.Test;

/** Numbers worked out by hand. */
class SharpnessTest {

  private static final Prompt ANY = new Prompt(0, "anything");

  private static float[] sharpness(int count, int height, int width, byte[] rgb) {
    return new Sharpness().score(new Images(count, height, width, rgb), ANY);
  }

  private static void paint(byte[] rgb, int pixel, int red, int green, int blue) {
    rgb[3 * pixel] = (byte) red;
    rgb[3 * pixel + 1] = (byte) green;
    rgb[3 * pixel + 2] = (byte) blue;
  }

  /**
   * Black but for one of the two inner pixels of 3 x 4. Of white the Laplacians are -4 and 1, their
   * mean -1.5, so 2.5^2 = 6.25; of red the luma is .299, and 6.25 * .299^2 = .558756.
   */
  @Test
  void shouldBeTheVarianceOfTheLaplacianOfTheLuma() {
    byte[] rgb = new byte[3 * 3 * 12];
    paint(rgb, 5, 255, 255, 255);
    paint(rgb, 12 + 5, 255, 0, 0);
    assertArrayEquals(new float[] {6.25f, 0.558756f, 0}, sharpness(3, 3, 4, rgb), 1e-6f);
  }

  /** Of a chessboard every Laplacian is 4 or -4: there is nothing above. */
  @Test
  void shouldBeAtMostSixteen() {
    byte[] rgb = new byte[3 * 16];
    for (int i = 0; i < 16; i++) {
      if ((i / 4 + i % 4) % 2 == 0) {
        paint(rgb, i, 255, 255, 255);
      }
    }
    assertArrayEquals(new float[] {16}, sharpness(1, 4, 4, rgb), 1e-5f);
  }

  @Test
  void shouldRefuseImagesWithoutAPixelThatHasFourNeighbours() {
    assertEquals(
        "images are 2 x 4 pixels, and sharpness needs 3 x 3 or more",
        assertThrows(IllegalArgumentException.class, () -> sharpness(1, 2, 4, new byte[24]))
            .getMessage());
  }
}
