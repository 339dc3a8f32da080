package io.atelier.models.encoder;

import java.util.Map;

/**
 * Sizes and kind of a Vision Transformer.
 *
 * @param layout of its files, which tells its family, and whose reference is followed
 * @param width channels D of a token
 * @param depth blocks
 * @param heads attention heads; must divide {@code width}
 * @param inner width of the feed-forward, after the gate if there is one
 * @param patch rows and columns of a patch in pixels
 * @param side rows and columns of images it was made for, in patches: of the table of positions,
 *     where there is one
 * @param registers register tokens R, 0 or more (Darcet et al. 2023)
 * @param biases of the maps to queries, keys and values
 * @param activation of the feed-forward
 * @param epsilon of the layer norms
 * @param projection width of the projected class token; 0 for none
 */
public record VitConfig(
    VitLayout layout,
    int width,
    int depth,
    int heads,
    int inner,
    int patch,
    int side,
    int registers,
    Biases biases,
    Activation activation,
    double epsilon,
    int projection) {

  /** Which of the maps to queries, keys and values have a bias. */
  public enum Biases {
    ALL,
    /** Not keys, whose bias changes nothing but for rounding, unless they are rotated. */
    QUERIES_AND_VALUES,
    NONE
  }

  /** What the feed-forward does between its two linear maps. */
  public enum Activation {
    /** The exact GELU. */
    GELU("gelu"),
    /** The GELU by a hyperbolic tangent. */
    GELU_TANH("gelu_tanh"),
    /** x · sigmoid(1.702 x). */
    QUICK_GELU("quick_gelu"),
    /** The first half through SiLU, times the second half (Shazeer 2020). */
    SWIGLU("swiglu");

    private final String operator;

    Activation(String operator) {
      this.operator = operator;
    }

    String operator() {
      return operator;
    }
  }

  public VitConfig {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "a width of %d cannot be split into %d attention heads".formatted(width, heads));
    }
    if (layout.family() == VitFamily.DINOV3 && width / heads % 4 != 0) {
      throw new IllegalArgumentException(
          "a width of %d in %d attention heads makes heads of %d channels, not a multiple of 4, by which DINOv3 turns them"
              .formatted(width, heads, width / heads));
    }
  }

  VitFamily family() {
    return layout.family();
  }

  /** Whether the class token has a place in the table of positions. */
  boolean classPosition() {
    return layout.classPosition(registers);
  }

  /** How the table of positions is brought to another size. */
  PositionTable positions() {
    return layout.positions(registers);
  }

  /** Shape of every weight, under the names of its layout. */
  public Map<String, long[]> shapes() {
    return VitShapes.of(this);
  }

  /** Shapes of the weights of blocks {@code from} (inclusive) to {@code to} (exclusive). */
  Map<String, long[]> blockShapes(int from, int to) {
    return VitShapes.blocks(this, from, to);
  }

  /** Rows and columns of the images that it was made for, in pixels. */
  public int pixels() {
    return Math.multiplyExact(side, patch);
  }

  /** What an encoder calls its vector of a whole image. */
  public String vector() {
    return family().hasClassToken() ? "cls" : "pool";
  }

  /** Tokens before the patches: the class token, if there is one, and the registers. */
  public int prefix() {
    return (family().hasClassToken() ? 1 : 0) + registers;
  }

  /** Tokens of an image of the size that it was made for. */
  int tokens() {
    return Math.addExact(prefix(), Math.multiplyExact(side, side));
  }

  /**
   * Refuses a size of images that cannot be cut into patches.
   *
   * @param origin file or folder of the network, for the message
   */
  public void requireWhole(String origin, int pixels) {
    if (pixels < patch || pixels % patch != 0) {
      throw new IllegalArgumentException(
          "encoder-pixels %d must be a multiple of %d, the patch of %s; it was made for %d"
              .formatted(pixels, patch, origin, pixels()));
    }
  }
}
