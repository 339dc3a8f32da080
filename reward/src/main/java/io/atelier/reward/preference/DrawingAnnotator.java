package io.atelier.reward.preference;

import io.atelier.models.vision.Images;
import io.atelier.reward.sum.Sharpness;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Simulates a person who labels pairs, by a fixed rule that a head never sees. Of two images of a
 * prompt, the one nearer to a drawing of it in the latents of an autoencoder is better. Verdicts
 * are given for the {@link #CRITERIA}. Pure functions.
 */
public final class DrawingAnnotator {

  /**
   * Criteria in which one image is ahead of another: higher variance of the Laplacian ({@link
   * Sharpness}); higher mean of {@code (max - min) / 255} of a pixel's R, G and B; larger overlap
   * of the silhouette with that of the drawing, as intersection over union.
   */
  public static final List<String> CRITERIA = List.of("sharper", "more colour", "closer shape");

  /** Drawings are on white; a pixel belongs to the silhouette if a channel is below this. */
  private static final int WHITE = 224;

  private DrawingAnnotator() {}

  /**
   * Measurements of an image; higher is better.
   *
   * @param closeness minus the mean squared distance of its latents to those of the drawing
   * @param criteria measurements in the order of {@link #CRITERIA}
   */
  public record Look(double closeness, double[] criteria) {}

  /**
   * Measures images of a prompt.
   *
   * @param latents latents of the images, (n, L) row-major
   * @param drawing drawing of the prompt, of the size of the images
   * @param drawn latents of the drawing, (L)
   */
  public static List<Look> look(Images images, float[] latents, Images drawing, float[] drawn) {
    if (latents.length != images.count() * drawn.length) {
      throw new IllegalArgumentException(
          "%d latents of %d images do not fit a drawing with %d"
              .formatted(latents.length, images.count(), drawn.length));
    }
    float[] sharpness = new Sharpness().score(images, new Prompt(0, ""));
    boolean[] outline = silhouette(drawing, 0);
    List<Look> looks = new ArrayList<>();
    for (int n = 0; n < images.count(); n++) {
      double distance = 0;
      for (int i = 0; i < drawn.length; i++) {
        double d = (double) latents[n * drawn.length + i] - drawn[i];
        distance += d * d / drawn.length;
      }
      double[] criteria = {
        sharpness[n], colour(images, n), overlap(silhouette(images, n), outline)
      };
      looks.add(new Look(-distance, criteria));
    }
    return looks;
  }

  private static double colour(Images images, int n) {
    byte[] rgb = images.rgb();
    long sum = 0;
    for (int at = n * images.stride(); at < (n + 1) * images.stride(); at += 3) {
      int r = rgb[at] & 255;
      int g = rgb[at + 1] & 255;
      int b = rgb[at + 2] & 255;
      sum += Math.max(r, Math.max(g, b)) - Math.min(r, Math.min(g, b));
    }
    return sum / 255.0 / (images.height() * images.width());
  }

  private static boolean[] silhouette(Images images, int n) {
    byte[] rgb = images.rgb();
    boolean[] inside = new boolean[images.height() * images.width()];
    for (int i = 0; i < inside.length; i++) {
      int at = n * images.stride() + 3 * i;
      inside[i] = Math.min(rgb[at] & 255, Math.min(rgb[at + 1] & 255, rgb[at + 2] & 255)) < WHITE;
    }
    return inside;
  }

  /** Returns intersection over union; 1 if both are empty. */
  private static double overlap(boolean[] one, boolean[] other) {
    int both = 0;
    int any = 0;
    for (int i = 0; i < one.length; i++) {
      both += one[i] && other[i] ? 1 : 0;
      any += one[i] || other[i] ? 1 : 0;
    }
    return any == 0 ? 1 : (double) both / any;
  }

  /**
   * Labels a pair.
   *
   * @param looks measurements of all images, by row
   * @return empty if both are equally good
   */
  public static Optional<Preference> prefer(Pair pair, List<Look> looks) {
    Look a = looks.get(pair.first());
    Look b = looks.get(pair.second());
    List<Integer> criteria = new ArrayList<>();
    for (int k = 0; k < a.criteria().length; k++) {
      criteria.add(Double.compare(a.criteria()[k], b.criteria()[k]));
    }
    int better = Double.compare(a.closeness(), b.closeness());
    return better == 0 ? Optional.empty() : Optional.of(new Preference(pair, better, criteria));
  }
}
