package io.atelier.reward.ocr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OcrTargetTest {

  private static float score(String target, String read) {
    return OcrTarget.of("a sign that says \"%s\" at night".formatted(target))
        .orElseThrow()
        .score(read);
  }

  private static int distance(String a, String b) {
    return OcrTarget.distance(a.codePoints().toArray(), b.codePoints().toArray());
  }

  @ParameterizedTest
  @CsvSource({
    "kitten, sitting, 3", // k to s, e to i, and g
    "flaw, lawn, 2", // without f, with n
    "'', abc, 3",
    "abc, '', 3",
    "same, same, 0",
    "ab, ba, 2" // not 1: letters are not swapped
  })
  void shouldCountEdits(String a, String b, int edits) {
    assertEquals(edits, distance(a, b));
    assertEquals(edits, distance(b, a));
  }

  @ParameterizedTest
  @CsvSource({
    "HELLO, HELLO, 1",
    "HELLO, hello, 1",
    "Open the door, openthedoor, 1",
    "SALE, BIGSALENOW, 1", // the target is within what was read
    "HELLO, HELO, 0.8", // 1 edit of 5 letters
    "HELLO, HALLO, 0.8",
    "STOP, SHOP, 0.75", // 1 of 4
    "STOP, SPOT, 0.5", // 2 of 4: t to p, p to t
    "HELLO, '', 0", // 5 of 5
    "HI, XYZQWERTY, 0", // 9 edits count as 2, which is all of it
    "AB, aXb, 0.5", // not within it: 1 of 2
    "Größe, GRÖßE, 1",
    "50%, 50％, 1" // a sign of full width
  })
  void shouldTakeOffTheShareThatIsWrong(String target, String read, float score) {
    assertEquals(score, score(target, read), 1e-7);
  }

  /** Characters beyond 16 bits are one each: one of three is missing. */
  @Test
  void shouldCountCharactersAndNotTheirHalves() {
    assertEquals(2 / 3f, score("𝄞𝄢x", "𝄞x"), 1e-7);
  }

  @Test
  void shouldTakeTheFirstTextInQuotes() {
    OcrTarget target = OcrTarget.of("\"ONE\" beside \"TWO\"").orElseThrow();
    assertEquals(1, target.score("one"));
    assertEquals(0, target.score("two"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a cat",
        "a 12\" screen",
        "a sign \"\"",
        "a sign \"  \"",
        "\"\" \"WORD\"",
        "“curly”",
        ""
      })
  void shouldFindNoTextWherePromptsNameNone(String prompt) {
    assertEquals(Optional.empty(), OcrTarget.of(prompt));
  }

  @Test
  void shouldNameCharactersThatNobodyKnows() {
    Set<Integer> known = OcrTarget.letters("ABCabc");
    OcrTarget target = OcrTarget.of("\"A cab ☃ cz☃\"").orElseThrow();
    assertEquals("☃z", target.unknown(known));
    assertEquals("", OcrTarget.of("\"ＡＢ c\"").orElseThrow().unknown(known));
  }
}
