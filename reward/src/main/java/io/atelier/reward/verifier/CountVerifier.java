package io.atelier.reward.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.JsonFile;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks whether an image has as many things as its prompt asks for: {@code max(0, 1 - |n - k| /
 * n)} with n requested and k found, the partial credit of Flow-GRPO's GenEval server, but never
 * below 0. The things found are {@link Components}: areas that are not white.
 *
 * <p>n is the attribute {@value #ATTRIBUTE} of the prompt; without it a number from two to ten, in
 * letters or digits, with one of the next two words ending in s: "three red apples", not "three
 * o'clock" or "two men". With two such numbers it does not apply.
 *
 * <p>It counts areas, not things. Things that touch count as one, a thing in parts as several, and
 * on a background that is not white all are one. It does not recognise objects: three blots pass as
 * three apples.
 */
public final class CountVerifier implements Verifier {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "count";

  /** Prompt attribute: how many things to draw. */
  public static final String ATTRIBUTE = "count";

  private static final int MOST = 100;

  private static final List<String> NUMBERS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");

  /** "One" is not read as a count, since it has many meanings. */
  private static final int LEAST_IN_WORDS = 2;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Check> check(Prompt prompt) {
    return attribute(prompt)
        .or(() -> inWords(Words.of(prompt.text())))
        .map(n -> new Check(Integer.toString(n), (images, i) -> credit(n, images, i)));
  }

  @Override
  public String lacking() {
    return "names no number of things, as \"three apples\" does, nor has an attribute \"%s\""
        .formatted(ATTRIBUTE);
  }

  private static Optional<Integer> attribute(Prompt prompt) {
    if (prompt.attributes().isEmpty()) {
      return Optional.empty();
    }
    byte[] json = prompt.attributes().getBytes(StandardCharsets.UTF_8);
    JsonNode value = JsonFile.parse("prompt \"%s\"".formatted(prompt.text()), json).get(ATTRIBUTE);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isInt() || value.intValue() < 1 || value.intValue() > MOST) {
      throw new IllegalArgumentException(
          "prompt \"%s\" has \"%s\": %s; make it a whole number from 1 to %d"
              .formatted(prompt.text(), ATTRIBUTE, value, MOST));
    }
    return Optional.of(value.intValue());
  }

  private static Optional<Integer> inWords(List<String> words) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      int number = number(words.get(i));
      List<String> next = words.subList(i + 1, Math.min(i + 3, words.size()));
      if (number >= LEAST_IN_WORDS && next.stream().anyMatch(word -> word.endsWith("s"))) {
        found.add(number);
      }
    }
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /** Returns the number, or -1 for another word. */
  private static int number(String word) {
    int digits = word.matches("[1-9]|10") ? Integer.parseInt(word) : -1;
    return Math.max(digits, NUMBERS.indexOf(word));
  }

  private static double credit(int asked, Images images, int image) {
    int found = Components.count(White.not(images, image), images.height(), images.width());
    return Math.max(0, 1 - Math.abs(asked - found) / (double) asked);
  }
}
