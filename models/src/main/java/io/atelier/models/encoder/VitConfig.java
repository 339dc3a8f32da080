package io.atelier.models.encoder;

import java.util.Map;

/**
 * Sizes and kind of a Vision Transformer.
 *
 * @param layout layout of its files, which determines its family and the reference implementation
 * @param width channels D of a token
 * @param depth number of blocks
 * @param heads attention heads; must divide {@code width}
 * @param inner width of the feed-forward, after the gate if there is one
 * @param patch rows and columns of a patch in pixels
 * @param side rows and columns of the images it was trained for, in patches: those of the position
 *     table, if there is one
 * @param registers register tokens R, 0 or more (Darcet et al. 2023)
 * @param biases biases of the maps to queries, keys and values
 * @param activation activation of the feed-forward
 * @param epsilon epsilon of the layer norms
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
    /** Not keys, whose bias has no effect except on rounding, unless they are rotated. */
    QUERIES_AND_VALUES,
    NONE
  }

  /** The activation between the two linear maps of the feed-forward. */
  public enum Activation {
    /** The exact GELU. */
    GELU("gelu"),
    /** The tanh approximation of GELU. */
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
          "a width of %d in %d attention heads makes heads of %d channels, but DINOv3 needs a multiple of 4"
              .formatted(width, heads, width / heads));
    }
  }

  VitFamily family() {
    return layout.family();
  }

  /** Whether the class token has an entry in the position table. */
  boolean classPosition() {
    return layout.classPosition(registers);
  }

  /** How the position table is resized. */
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

  /** Rows and columns of the images that it was trained for, in pixels. */
  public int pixels() {
    return Math.multiplyExact(side, patch);
  }

  /** Name of an encoder's vector of a whole image. */
  public String vector() {
    return family().hasClassToken() ? "cls" : "pool";
  }

  /** Number of tokens before the patches: the class token, if there is one, and the registers. */
  public int prefix() {
    return (family().hasClassToken() ? 1 : 0) + registers;
  }

  /** Number of tokens of an image of the size that it was trained for. */
  int tokens() {
    return Math.addExact(prefix(), Math.multiplyExact(side, side));
  }

  /**
   * Rejects an image size that cannot be cut into patches.
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
