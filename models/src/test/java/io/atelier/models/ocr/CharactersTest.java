package io.atelier.models.ocr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CharactersTest {

  private final Characters letters = Characters.of(List.of("a", "b"));

  /** Probabilities of no letter, a, b and space in each step. */
  private Characters.Line decode(float[]... steps) {
    float[] all = new float[1 + 4 * steps.length];
    for (int i = 0; i < steps.length; i++) {
      System.arraycopy(steps[i], 0, all, 1 + 4 * i, 4);
    }
    return letters.decode(all, 1, steps.length);
  }

  private static float[] step(double none, double a, double b, double space) {
    return new float[] {(float) none, (float) a, (float) b, (float) space};
  }

  @Test
  void shouldTakeRepeatedLettersAsOneUnlessABlankParts() {
    Characters.Line line =
        decode(
            step(.1, .8, .1, 0),
            step(.1, .6, .3, 0), // the same a
            step(.9, .1, 0, 0),
            step(.2, .7, .1, 0), // another one
            step(.1, 0, .9, 0),
            step(.1, .1, .2, .6),
            step(.8, .1, .1, 0));
    assertEquals("aab ", line.text());
    assertEquals((.8 + .7 + .9 + .6) / 4, line.confidence(), 1e-6);
  }

  @Test
  void shouldReadNothingOfBlanks() {
    Characters.Line line = decode(step(.9, .1, 0, 0), step(.5, .2, .2, .1));
    assertEquals("", line.text());
    assertEquals(0, line.confidence());
  }

  @Test
  void shouldKnowTheCharactersOfTheModel() {
    Characters all = Characters.load();
    assertEquals(6625, all.classes());
    for (String letter : List.of("A", "z", "0", "%", "é", "中", " ")) {
      assertTrue(all.text().contains(letter), letter);
    }
  }
}
