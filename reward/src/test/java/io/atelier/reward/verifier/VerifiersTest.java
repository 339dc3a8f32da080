package io.atelier.reward.verifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.RewardException;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On images drawn by hand. */
class VerifiersTest {

  private static final Verifier COLOUR = new ColourVerifier();
  private static final Verifier COUNT = new CountVerifier();
  private static final Verifier FRAME = new FrameVerifier();

  private static String asked(Verifier verifier, String prompt) {
    return verifier.check(new Prompt(0, prompt)).map(Verifier.Check::asked).orElse("none");
  }

  private static double score(Verifier verifier, String prompt, Images image) {
    return verifier.check(new Prompt(0, prompt)).orElseThrow().measure().of(image, 0);
  }

  private static Optional<Verifier.Check> counted(String attributes) {
    return COUNT.check(new Prompt(0, "some apples", attributes));
  }

  /** A word, not a part of one; and one colour, since two would each claim the whole image. */
  @ParameterizedTest
  @CsvSource({
    "red heart, red",
    "A RED heart, red",
    "'a heart: red, and only red', red",
    "light blue heart, blue",
    "violet flower, purple",
    "bored face, none",
    "red-hot pepper, none",
    "red and blue flag, none",
    "pink heart, none",
    "oranges, none",
  })
  void shouldApplyToPromptsThatNameOneColourAsAWord(String prompt, String colour) {
    assertEquals(colour, asked(COLOUR, prompt));
  }

  /** Six pixels are not white: three red ones, a blue, a black and a grey one. */
  @Test
  void shouldScoreTheShareOfPixelsThatHaveTheColour() {
    Images image =
        new Canvas(2, 4)
            .square(0, 0, 1, 255, 0, 0)
            .square(0, 1, 1, 90, 20, 20)
            .square(0, 2, 1, 255, 0, 85) // 340 degrees, where red begins
            .square(0, 3, 1, 0, 0, 255)
            .square(1, 0, 1, 5, 0, 0)
            .square(1, 1, 1, 140, 120, 120)
            .image();
    assertEquals(3 / 6.0, score(COLOUR, "red heart", image));
    assertEquals(1 / 6.0, score(COLOUR, "blue heart", image));
    assertEquals(0, score(COLOUR, "green heart", image));
    assertEquals(0, score(COLOUR, "red heart", new Canvas(2, 2).image()), "nothing is drawn");
  }

  /** 60 * 64 / 255 = 15.06 degrees are orange, 60 * 63 / 255 = 14.8 are red. */
  @Test
  void shouldTellHuesApart() {
    assertTrue(Colour.ORANGE.is(255, 64, 0));
    assertFalse(Colour.ORANGE.is(255, 63, 0));
    assertTrue(Colour.RED.is(255, 63, 0));
    assertTrue(Colour.ORANGE.is(255, 165, 0), "38.8 degrees, which CSS calls orange");
    assertTrue(Colour.YELLOW.is(255, 215, 0), "50.6 degrees, gold");
    assertTrue(Colour.GREEN.is(0, 255, 0));
    assertTrue(Colour.BLUE.is(0, 255, 255), "180 degrees");
    assertTrue(Colour.PURPLE.is(255, 0, 255), "300 degrees");
    assertFalse(Colour.RED.is(255, 0, 86), "339.8 degrees are pink");
    for (Colour colour : Colour.values()) {
      assertFalse(colour.is(100, 61, 61), "39 of 255 are grey");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "three apples, 3",
    "Three red apples, 3",
    "a bowl of 7 plums, 7",
    "two hearts, 2",
    "two men, none",
    "three o'clock, none",
    "two-hump camels, none",
    "keycap: 10, none",
    "one of us, none",
    "two cats and three dogs, none",
    "four leaf clover, none",
  })
  void shouldApplyToPromptsThatNumberThings(String prompt, String number) {
    assertEquals(number, asked(COUNT, prompt));
  }

  /** Three squares, of which two pixels that touch at a corner make one, and a speck. */
  @Test
  void shouldScoreHowNearTheNumberOfAreasIs() {
    Images image =
        new Canvas(16, 16)
            .black(1, 1, 3)
            .black(1, 8, 3)
            .black(8, 1, 2)
            .black(10, 3, 2)
            .black(14, 14, 1) // a 256th of the image
            .image();
    assertEquals(1, score(COUNT, "three apples", image));
    assertEquals(0.5, score(COUNT, "two apples", image));
    assertEquals(0.3, score(COUNT, "ten apples", image), 1e-12);
    assertEquals(0, counted("{\"count\":1}").orElseThrow().measure().of(image, 0), "3 for 1");
    assertEquals(0, score(COUNT, "three apples", new Canvas(8, 8).image()));
    assertEquals(0.5, score(COUNT, "two apples", new Canvas(8, 8).black(0, 0, 8).image()));
  }

  @Test
  void shouldTakeTheNumberThatTheFileSaysBeforeThatOfTheWords() {
    Prompt prompt = new Prompt(0, "three apples", "{\"count\":4}");
    assertEquals("4", COUNT.check(prompt).orElseThrow().asked());
    assertEquals(Optional.empty(), counted("{\"count\":null}"));
    for (String wrong : new String[] {"\"four\"", "0", "2.5", "101", "[4]"}) {
      assertEquals(
          "prompt \"some apples\" has \"count\": %s; make it a whole number from 1 to 100"
              .formatted(wrong),
          assertThrows(
                  IllegalArgumentException.class, () -> counted("{\"count\":%s}".formatted(wrong)))
              .getMessage());
    }
  }

  /** Of the twelve outermost pixels of 4 x 4 three are drawn over: two, and one corner. */
  @Test
  void shouldScoreTheShareOfTheFrameThatIsWhite() {
    Images image = new Canvas(4, 4).black(0, 1, 2).black(3, 3, 1).image();
    assertEquals(9 / 12.0, score(FRAME, "anything", image));
    assertEquals(1, score(FRAME, "anything", new Canvas(4, 4).black(1, 1, 2).image()));
    Images nearly = new Canvas(1, 2).square(0, 0, 1, 230, 230, 229).image();
    assertEquals(1 / 2.0, score(FRAME, "anything", nearly), "229 is no white, 230 is");
  }

  /** A check that cannot be made is no score, neither 0 nor 1. */
  @Test
  void shouldGiveNoNumberWhereACheckBreaks() {
    Prompt wrong = new Prompt(0, "some apples", "{\"count\":\"four\"}");
    Images image = new Canvas(2, 2).image();
    try (GroupScorer scorer = Rewards.check(COUNT).scorer(0)) {
      assertEquals(
          "reward \"count\" failed on group 3.2: prompt \"some apples\" has \"count\": \"four\"; make it"
              + " a whole number from 1 to 100",
          assertThrows(
                  RewardException.class,
                  () ->
                      scorer.score(
                          new ImageGroup(new GroupId(3, 2), wrong, image, 1, "hash"), () -> {}))
              .getMessage());
    }
  }

  @Test
  void shouldBeAbsentWhereItDoesNotApply() {
    Reward reward = new VerifierReward(COLOUR);
    Images images =
        Images.concat(
            new Canvas(2, 2).square(0, 0, 1, 255, 0, 0).image(), new Canvas(2, 2).image());
    GroupId id = new GroupId(1, 0);
    var scored =
        assertInstanceOf(
            Reward.Scored.class,
            reward.score(new ImageGroup(id, new Prompt(0, "red dot"), images, 1, "hash")));
    assertArrayEquals(new float[] {1, 0}, scored.total());
    var absent =
        assertInstanceOf(
            Reward.Absent.class,
            reward.score(new ImageGroup(id, new Prompt(0, "bored face"), images, 1, "hash")));
    assertEquals(
        "prompt \"bored face\" does not name exactly one of the colours red, orange, yellow, green,"
            + " blue and purple",
        absent.reason());
  }
}
