package io.atelier.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ResizeTest {

  /** One row of grey levels. */
  private static Images row(int... levels) {
    byte[] rgb = new byte[levels.length * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) levels[i / 3];
    }
    return new Images(1, 1, levels.length, rgb);
  }

  @Test
  void shouldEnlargeByTheTriangleWorkedOutByHand() {
    // Places -1/4, 1/4, 3/4, 5/4: the border pixel alone, then 3:1, 1:3, the border pixel alone.
    assertArrayEquals(
        row(0, 25, 75, 100).rgb(), Resize.pillow(row(0, 100), 1, 4, Filter.BILINEAR).rgb());
    assertArrayEquals(row(0, 25, 75, 100).rgb(), Resize.torchvision(row(0, 100), 1, 4).rgb());
  }

  @Test
  void shouldReduceByTheStretchedTriangle() {
    // Half-width 2 around 1 and 3: weights 3 3 1 of 7 and 1 3 3 of 7.
    assertArrayEquals(
        row(30, 100).rgb(), Resize.pillow(row(0, 70, 0, 210), 1, 2, Filter.BILINEAR).rgb());
  }

  @Test
  void shouldKeepAConstantImage() {
    Images grey = row(77, 77, 77, 77, 77);
    assertArrayEquals(row(77, 77, 77).rgb(), Resize.pillow(grey, 1, 3, Filter.BICUBIC).rgb());
    for (float value : Resize.bicubic(Pixels.unit(grey), 7, 9).values()) {
      assertEquals(77 / 255f, value, 1e-6);
    }
  }

  @Test
  void shouldKeepTheProportionOfWhatIsTooLarge() {
    Images large = new Images(1, 3, 8, new byte[72]);
    Images small = Resize.within(large, 4);
    assertEquals(4, small.width());
    assertEquals(1, small.height());
    assertEquals(large, Resize.within(large, 8));
    assertEquals(1, Resize.within(new Images(1, 1, 600, new byte[1800]), 3).height());
  }

  @Test
  void shouldNotMixImagesOfABatch() {
    Images batch = Images.concat(row(0, 100), row(200, 200));
    Images both = Resize.pillow(batch, 3, 5, Filter.BICUBIC);
    assertArrayEquals(Resize.pillow(row(0, 100), 3, 5, Filter.BICUBIC).rgb(), both.get(0).rgb());
    assertArrayEquals(Resize.pillow(row(200, 200), 3, 5, Filter.BICUBIC).rgb(), both.get(1).rgb());
  }

  @Test
  void shouldCropTheMiddleWithOffsetsRoundedDown() {
    assertArrayEquals(row(2, 3).rgb(), Resize.centreCrop(row(1, 2, 3, 4, 5), 1, 2).rgb());
    assertThrows(IllegalArgumentException.class, () -> Resize.centreCrop(row(1, 2), 1, 3));
  }

  @Test
  void shouldRefuseToRoundNaN() {
    assertThrows(IllegalArgumentException.class, () -> Rounding.ROUND.toByte(Float.NaN));
    assertEquals((byte) 255, Rounding.ROUND.toByte(1.5f));
    assertEquals((byte) 0, Rounding.ROUND.toByte(-1));
  }
}
