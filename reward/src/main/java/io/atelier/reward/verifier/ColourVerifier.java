package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Checks whether an image has the colour that its prompt names: the share of its non-white pixels
 * whose hue is in the band of that {@link Colour}, 0 to 1, and 0 for a white image.
 *
 * <p>It applies to prompts with exactly one such colour as a separate word: to "red heart", not to
 * "bored face", "red-hot" or "red and blue". It does not see which object has the colour: for "red
 * hair" it checks for a red image, and a red blot passes as a red heart.
 */
public final class ColourVerifier implements Verifier {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "colour";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Check> check(Prompt prompt) {
    List<String> words = Words.of(prompt.text());
    List<Colour> named =
        Arrays.stream(Colour.values())
            .filter(colour -> words.stream().anyMatch(colour::isNamedBy))
            .toList();
    return named.size() == 1
        ? Optional.of(new Check(named.get(0).word(), (images, n) -> share(named.get(0), images, n)))
        : Optional.empty();
  }

  @Override
  public String lacking() {
    return "does not name exactly one of the colours red, orange, yellow, green, blue and purple";
  }

  private static double share(Colour colour, Images images, int image) {
    byte[] rgb = images.rgb();
    boolean[] drawn = White.not(images, image);
    int all = 0;
    int right = 0;
    for (int i = 0; i < drawn.length; i++) {
      int at = image * images.stride() + 3 * i;
      if (drawn[i]) {
        all++;
        right += colour.is(rgb[at] & 255, rgb[at + 1] & 255, rgb[at + 2] & 255) ? 1 : 0;
      }
    }
    return all == 0 ? 0 : right / (double) all;
  }
}
