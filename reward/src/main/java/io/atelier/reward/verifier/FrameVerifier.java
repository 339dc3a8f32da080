package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.Optional;

/**
 * Checks whether a drawing is on white and not cut off: the share of an image's border pixels that
 * are white, 0 to 1. Applies to every prompt. A white image has 1.
 */
public final class FrameVerifier implements Verifier {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "frame";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Check> check(Prompt prompt) {
    return Optional.of(new Check("white border", FrameVerifier::share));
  }

  @Override
  public String lacking() {
    return "lacks nothing";
  }

  private static double share(Images images, int image) {
    boolean[] drawn = White.not(images, image);
    int all = 0;
    int white = 0;
    for (int i = 0; i < drawn.length; i++) {
      int row = i / images.width();
      int column = i % images.width();
      if (row == 0 || row == images.height() - 1 || column == 0 || column == images.width() - 1) {
        all++;
        white += drawn[i] ? 0 : 1;
      }
    }
    return white / (double) all;
  }
}
