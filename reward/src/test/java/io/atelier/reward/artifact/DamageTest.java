package io.atelier.reward.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DamageTest {

  /** 4 x 4 pixels, each a tile of its own: gray 0 to 15, row by row. */
  private static final Images TILES = gray(4, 4);

  private static Images gray(int height, int width) {
    byte[] rgb = new byte[3 * height * width];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3);
    }
    return new Images(1, height, width, rgb);
  }

  private static int[] values(Images image) {
    int[] values = new int[image.rgb().length / 3];
    Arrays.setAll(values, i -> image.rgb()[3 * i] & 255);
    return values;
  }

  private static RandomStream random(int slot) {
    return new GroupNoise(7).stream(Purpose.CRITIC_UPDATE, new GroupId(1, slot));
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void shouldChangeADrawingAndAlwaysInTheSameWay(Damage kind) {
    Images drawing = EmojiPack.load().image(EmojiStyle.FLAT, 0);
    Images damaged = kind.damaged(drawing, random(0));
    assertEquals(drawing.height(), damaged.height());
    assertEquals(drawing.width(), damaged.width());
    assertFalse(Arrays.equals(drawing.rgb(), damaged.rgb()));
    assertArrayEquals(damaged.rgb(), kind.damaged(drawing, random(0)).rgb());
    assertFalse(Arrays.equals(damaged.rgb(), kind.damaged(drawing, random(1)).rgb()));
    assertEquals(Optional.of(kind), Damage.of(kind.key()));
  }

  @Test
  void shouldShowOneTileInAQuarterOfThePlaces() {
    for (int draw = 0; draw < 20; draw++) {
      int[] shown = values(Damage.DUPLICATED_TILES.damaged(TILES, random(draw)));
      Set<Integer> others = new HashSet<>();
      int changed = 0;
      for (int place = 0; place < 16; place++) {
        if (shown[place] != place) {
          others.add(shown[place]);
          changed++;
        }
      }
      assertEquals(4, changed);
      assertEquals(1, others.size(), "all four show the same tile");
    }
  }

  @Test
  void shouldExchangeHalfOfTheTiles() {
    for (int draw = 0; draw < 20; draw++) {
      int[] shown = values(Damage.SHUFFLED_TILES.damaged(TILES, random(draw)));
      int changed = 0;
      for (int place = 0; place < 16; place++) {
        changed += shown[place] != place ? 1 : 0;
      }
      assertEquals(8, changed);
      Arrays.sort(shown);
      assertArrayEquals(values(TILES), shown, "none is lost");
    }
  }

  /** Tiles of 2 x 2: the last one at the first place. */
  @Test
  void shouldMoveWholeTiles() {
    int[] shown = new int[16];
    Arrays.setAll(shown, tile -> tile);
    shown[0] = 15;
    int[] tiled = values(Damage.tiled(gray(8, 8), shown));
    assertArrayEquals(new int[] {54, 55, 2}, Arrays.copyOf(tiled, 3));
    assertArrayEquals(new int[] {62, 63, 10}, Arrays.copyOfRange(tiled, 8, 11));
  }

  /**
   * (v + v') / 2, halves rounded up, with v' one row below and one column to the left: of 0 it is 4
   * (the border repeats), of 5 it is 8, so 2 and 7; of 15 it is 14, so 15.
   */
  @Test
  void shouldOverlayTheImageWithItself() {
    int[] ghost = values(Damage.ghost(TILES, 1, -1));
    assertEquals(2, ghost[0]);
    assertEquals(7, ghost[5]);
    assertEquals(15, ghost[15]);
  }

  /** A JPEG of low quality of a gray field with one white pixel spreads it. */
  @Test
  void shouldLeaveTheMarksOfAJpeg() {
    byte[] rgb = new byte[3 * 16 * 16];
    Arrays.fill(rgb, (byte) 128);
    Arrays.fill(rgb, 0, 3, (byte) 255);
    int[] damaged = values(Damage.JPEG.damaged(new Images(1, 16, 16, rgb), random(0)));
    assertTrue(damaged[0] < 250, "" + damaged[0]);
    assertEquals(128, damaged[255], 3, "another block");
  }

  @Test
  void shouldRefuseWhatHasNoTiles() {
    assertEquals(
        "an image of 3 x 4 pixels is too small to be damaged; it needs 4 x 4 or more",
        assertThrows(
                IllegalArgumentException.class, () -> Damage.GHOST.damaged(gray(3, 4), random(0)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Damage.GHOST.damaged(new Images(2, 4, 4, new byte[96]), random(0)));
  }
}
