package io.atelier.reward.verifier;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Splits a prompt into words. */
public final class Words {

  /** Letters or digits; parts joined by a hyphen or an apostrophe are one word. */
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+(?:['’-][\\p{L}\\p{N}]+)*");

  private Words() {}

  /**
   * Returns the words in lower case, in order: for {@code "Two o'clock, red-hot"}, {@code two,
   * o'clock, red-hot}.
   */
  public static List<String> of(String prompt) {
    return WORD.matcher(prompt.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }
}
