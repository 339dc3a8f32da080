package io.atelier.models.ocr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextRegionsTest {

  private static final int HEIGHT = 30;
  private static final int WIDTH = 40;

  /** A place within an array, as that of an image in a batch. */
  private static final int FROM = 7;

  private final float[] map = new float[FROM + HEIGHT * WIDTH];

  private void fill(int left, int top, int right, int bottom, double probability) {
    for (int y = top; y < bottom; y++) {
      Arrays.fill(map, FROM + y * WIDTH + left, FROM + y * WIDTH + right, (float) probability);
    }
  }

  private List<Box> boxes() {
    return TextRegions.boxes(map, FROM, HEIGHT, WIDTH);
  }

  @Test
  void shouldWidenByAreaOverPerimeterWithinTheImage() {
    fill(10, 9, 25, 14, 0.9); // 15 x 5: 2 * 75 / 40 = 3.75, so 4 more on each side
    fill(1, 24, 29, 30, 0.9); // 28 x 6: 2 * 168 / 68 = 4.94, so 5 more, but for the edges
    assertEquals(List.of(new Box(6, 5, 29, 18), new Box(0, 19, 34, 30)), boxes());
  }

  @Test
  void shouldJoinWhatTouchesByACorner() {
    fill(10, 10, 15, 15, 0.9);
    fill(15, 15, 20, 20, 0.9);
    assertEquals(List.of(new Box(5, 5, 25, 25)), boxes()); // 10 x 10: 2 * 100 / 40 = 5 more
  }

  @Test
  void shouldLeaveOutWhatIsFaintOrSmall() {
    fill(0, 0, 10, 10, 0.29); // no pixel of text
    fill(20, 0, 30, 10, 0.55); // pixels of text, but no line
    fill(0, 20, 20, 22, 0.9); // 2 high
    assertEquals(List.of(), boxes());
  }

  @Test
  void shouldReadRowsFromTheTopAndFromTheLeft() {
    Box right = new Box(50, 8, 90, 28);
    Box left = new Box(5, 12, 45, 32);
    Box below = new Box(0, 34, 60, 54);
    assertEquals(List.of(left, right, below), TextReader.ordered(List.of(below, right, left)));
  }

  @Test
  void shouldRefuseABoxOfNothing() {
    var thrown = assertThrows(IllegalArgumentException.class, () -> new Box(4, 1, 4, 9));
    assertEquals(
        "box of columns 4 to 4 and rows 1 to 9 is empty or outside its image", thrown.getMessage());
  }
}
