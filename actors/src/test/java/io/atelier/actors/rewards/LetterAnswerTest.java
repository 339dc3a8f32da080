package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LetterAnswerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "A                                               | A",
        "'  B ~'                                        | B",
        "Its colours are warmer.~A                      | A",
        "Its colours are warmer. A                       | A",
        "Its colours are warmer.~~**B**                | B",
        "Warmer.~Final answer: A                        | A",
        "Warmer.~**Answer:** B.                         | B",
        "Warmer.~The answer is A                        | A",
        "Warmer. The final verdict is: Image B           | B",
        "Warmer. My choice: (A)                          | A",
        "<think>A or B?</think><answer>B</answer>        | B",
        "So it is \\boxed{A}. \\boxed{B}                 | B",
        "Warmer.~Winner: \"A\"                          | A",
      })
  void shouldReadALetterThatStandsAlone(String text, char letter) {
    String written = text.replace('~', '\n');
    LetterAnswer answer = LetterAnswer.of(written).orElseThrow();
    assertEquals(letter, answer.letter());
    assertEquals(letter, written.charAt(answer.place()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "Both are fine.",
        "Image A is better",
        "A or B",
        "A/B",
        "A, B",
        "Warmer.\nA and B",
        "Neither A nor B",
        "The better one is not B",
        "It is surely not A.",
        "a",
        "Ä",
        "Warmer.\nC",
        "Warmer.\nAB",
        "Vitamin B",
        "Warmer.\nA\nbut B has the better fox"
      })
  void shouldNotGuessALetter(String text) {
    assertEquals(Optional.empty(), LetterAnswer.of(text));
  }

  /** A server may send megabytes of anything. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", " ", ".", "A ", ">", "answer ", "</a>"})
  void shouldLookAtTheEndOnly(String piece) {
    String text = piece.repeat(4 << 20);
    assertEquals(Optional.empty(), LetterAnswer.of(text + "x"));
    LetterAnswer answer = LetterAnswer.of(text + ".\nB").orElseThrow();
    assertEquals('B', answer.letter());
    assertEquals(text.length() + 2, answer.place());
  }

  private static JsonNode tokens(String json) throws JsonProcessingException {
    return new ObjectMapper().readTree(json);
  }

  private static OptionalDouble probability(String text, String tokens)
      throws JsonProcessingException {
    return LetterAnswer.of(text).orElseThrow().probability(text, tokens(tokens));
  }

  private static final String PAIR =
      "{\"token\": \"%s\", \"top_logprobs\": [{\"token\": \"%s\", \"logprob\": %s},"
          + " {\"token\": \"%s\", \"logprob\": %s}]}";

  /** 1 / (1 + e^(-1.8 + .2)) = .832018, 1 / (1 + e^(-.9 + .6)) = .574443. */
  @Test
  void shouldBeTheSoftmaxOverBothLetters() throws JsonProcessingException {
    String one = PAIR.formatted("A", "A", -0.2, "B", -1.8);
    assertEquals(0.832018, probability("A", "[" + one + "]").getAsDouble(), 5e-7);
    String other = PAIR.formatted("A", "B", -0.9, "A", -0.6);
    assertEquals(0.574443, probability("A", "[" + other + "]").getAsDouble(), 5e-7);
    String b = PAIR.formatted("B", "A", -1.8, "B", -0.2);
    assertEquals(1 - 0.832018, probability("B", "[" + b + "]").getAsDouble(), 5e-7);
  }

  /** The tokens of reasons that the text leaves out come before, and the end of all after it. */
  @Test
  void shouldFindTheTokenOfTheLetter() throws JsonProcessingException {
    String before = PAIR.formatted("A or B</think>", "A", -5.0, "B", -0.1);
    String own = PAIR.formatted("**A", "**A", -0.2, "**B", -1.8);
    String end = "{\"token\": \"**\"}, {\"token\": \"<|im_end|>\"}";
    String all =
        "[%s, {\"token\": \"Warm.\"}, {\"token\": \"\\n\"}, %s, %s]".formatted(before, own, end);
    assertEquals(0.832018, probability("Warm.\n**A**", all).getAsDouble(), 5e-7);
  }

  /** Reasons without end, in the text and apart from it. */
  @Test
  void shouldFindTheTokenInMegabytesOfTheSame() throws JsonProcessingException {
    String reasons = " A".repeat(2 << 20);
    String text = " A".repeat(1 << 20) + ".\nA";
    String all =
        "[{\"token\": \"%s\"}, {\"token\": \".\\n\"}, %s]"
            .formatted(reasons, PAIR.formatted("A", "A", -0.2, "B", -1.8));
    assertEquals(0.832018, probability(text, all).getAsDouble(), 5e-7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "{}",
        "7",
        "[7, null, {}]",
        "[{\"token\": \"A\"}]",
        "[{\"token\": \"A\", \"top_logprobs\": null}]",
        "[{\"token\": \"A\", \"top_logprobs\": [{\"token\": \"A\", \"logprob\": -0.1}]}]",
        "[{\"token\": \"A\", \"top_logprobs\": [{\"token\": \"B\", \"logprob\": -0.1}]}]",
        "[{\"token\": \"other\", \"top_logprobs\": []}]"
      })
  void shouldHaveNoProbabilityWhereTheTokensDoNotTell(String tokens)
      throws JsonProcessingException {
    assertEquals(OptionalDouble.empty(), probability("A", tokens));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", "\"-0.2\"", "null", "true", "-1e400"})
  void shouldRefuseWhatIsNoLogProbability(String value) {
    String told =
        assertThrows(
                IllegalArgumentException.class,
                () -> probability("A", "[" + PAIR.formatted("A", "A", value, "B", "-1") + "]"))
            .getMessage();
    assertTrue(told.contains("which is no log-probability"), told);
  }
}
