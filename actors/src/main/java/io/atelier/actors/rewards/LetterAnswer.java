package io.atelier.actors.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The letter that an answer ends with.
 *
 * @param letter A or B
 * @param place its index in the text, in characters
 */
record LetterAnswer(char letter, int place) {

  /** Characters at the end of a text that are examined. */
  private static final int END = 100;

  private static final String SIGNS = "[^\\p{L}\\p{N}]*";

  private static final String WORDS =
      "(?i:(?:the |my )?(?:final )?(?:answer|verdict|choice|winner|boxed)(?: is)?)";

  /**
   * A letter that is a line or a sentence by itself; punctuation, tags and the usual words before
   * it are ignored. Anything else, such as {@code A or B} and {@code not B}, is not guessed at.
   */
  private static final Pattern ALONE =
      Pattern.compile(
          ("(?:\\n|[.!?:]\\s|>)%1$s(?:%2$s%1$s)?(?:(?i:image)%1$s)?([AB])%1$s(?:</\\w+>%1$s)?$")
              .formatted(SIGNS, WORDS));

  /** How far above 0 a rounded log-probability may be. */
  private static final double ROUNDING = 1e-3;

  /** Returns the letter that a text ends with; empty if it ends with anything else. */
  static Optional<LetterAnswer> of(String text) {
    String whole = "\n" + text.stripTrailing();
    int from = Math.max(0, whole.length() - END);
    Matcher alone = ALONE.matcher(whole.substring(from));
    return alone.find()
        ? Optional.of(new LetterAnswer(alone.group(1).charAt(0), from + alone.start(1) - 1))
        : Optional.empty();
  }

  /**
   * {@code 1 / (1 + exp(lp(B) - lp(A)))}, the softmax over both letters where this one was written,
   * as in the demonstration of GRAM (code of arXiv 2509.02492).
   *
   * @param text that ends with the letter
   * @param tokens {@code logprobs.content} of a choice: each token that was written, and those that
   *     might have been in its place
   * @return probability of A; empty if the tokens do not have that of both letters
   * @throws IllegalArgumentException if a log-probability is invalid
   */
  OptionalDouble probability(String text, JsonNode tokens) {
    StringBuilder written =
        new StringBuilder(); // may have more than the text: reasoning, an end token
    tokens.forEach(token -> written.append(token.path("token").asText()));
    String until = text.substring(Math.max(0, place + 1 - END), place + 1);
    int found = written.lastIndexOf(until);
    if (found < 0) {
      return OptionalDouble.empty();
    }
    int at = found + until.length() - 1;
    int begin = 0;
    for (JsonNode token : tokens) {
      String own = token.path("token").asText();
      if (at < begin + own.length()) {
        return softmax(token, own, at - begin);
      }
      begin += own.length();
    }
    throw new IllegalStateException("no token holds character %d".formatted(at));
  }

  private OptionalDouble softmax(JsonNode token, String own, int at) {
    StringBuilder other = new StringBuilder(own);
    other.setCharAt(at, letter == 'A' ? 'B' : 'A');
    OptionalDouble mine = logProbability(token, own);
    OptionalDouble against = logProbability(token, other.toString());
    if (mine.isEmpty() || against.isEmpty()) {
      return OptionalDouble.empty();
    }
    double ahead = mine.getAsDouble() - against.getAsDouble();
    return OptionalDouble.of(1 / (1 + Math.exp(letter == 'A' ? -ahead : ahead)));
  }

  private static OptionalDouble logProbability(JsonNode place, String token) {
    for (JsonNode each : place.path("top_logprobs")) {
      if (each.path("token").asText().equals(token)) {
        return OptionalDouble.of(logProbability(each));
      }
    }
    return OptionalDouble.empty();
  }

  /**
   * Returns the log-probability of an element of {@code top_logprobs}.
   *
   * @throws IllegalArgumentException if it has no valid one
   */
  static double logProbability(JsonNode each) {
    JsonNode value = each.path("logprob");
    double logarithm = value.isNumber() ? value.asDouble() : Double.NaN;
    if (!Double.isFinite(logarithm) || logarithm > ROUNDING) {
      throw new IllegalArgumentException(
          "\"logprob\" of \"%s\" is %s, which is no log-probability"
              .formatted(
                  Quoted.brief(each.path("token").asText()), Quoted.brief(value.toString())));
    }
    return logarithm;
  }
}
