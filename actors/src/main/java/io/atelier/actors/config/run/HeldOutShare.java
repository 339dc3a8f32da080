package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How many prompts are held out from training, as {@code data.held-out} has it: {@code auto}, a
 * whole number, a share between 0 and 1, or a file with prompts of its own.
 *
 * @param text as it is written
 */
public record HeldOutShare(String text) {

  /** The program chooses. */
  public static final String AUTO = "auto";

  private static final String NUMBER = "-?[0-9]*\\.?[0-9]+([eE]-?[0-9]+)?";

  public HeldOutShare {
    require(!text.isBlank(), "held-out is empty, must be auto, a number, a share or a file");
    require(
        !text.matches("[-+.0-9]+\\s*%"),
        "held-out is %s, must be a share such as 0.1, a whole number, auto, or a file",
        text);
    if (text.matches(NUMBER)) {
      double value = Double.parseDouble(text);
      require(
          value >= 0 && (value < 1 || value == Math.rint(value) && value <= Integer.MAX_VALUE),
          "held-out is %s, must be a whole number, a share below 1, auto, or a file",
          text);
    }
  }

  public boolean isAuto() {
    return text.equals(AUTO);
  }

  /** Whether it is 0. */
  public boolean isNone() {
    return text.matches(NUMBER) && Double.parseDouble(text) == 0;
  }

  /** Returns the file, if it is one. */
  public Optional<Path> file() {
    return isAuto() || text.matches(NUMBER) ? Optional.empty() : Optional.of(Path.of(text));
  }

  /** Returns how many of {@code size} prompts are held out, of a number or share, rounded. */
  public int of(int size) {
    double value = Double.parseDouble(text);
    return (int) (value < 1 ? Math.round(value * size) : value);
  }

  @Override
  public String toString() {
    return text;
  }
}
