package io.atelier.reward.artifact;

import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.Augmentation;
import io.atelier.rollout.noise.RandomStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Kinds of synthetic damage to images, to train a head on artifacts. Lengths scale with an image's
 * width; they are given here for one of 64 pixels.
 */
public enum Damage {
  /** A Gaussian blur of 0.7 to 2 pixels. */
  BLUR {
    @Override
    Images of(Images image, RandomStream random) {
      double pixels = between(0.7, 2, random) * image.width() / WIDTH;
      return Augmentation.of(image, Math.min(pixels, MOST_BLUR), 0, random);
    }
  },
  /** Normal noise with a standard deviation of 0.03 to 0.15 on the scale 0 to 1. */
  NOISE {
    @Override
    Images of(Images image, RandomStream random) {
      return Augmentation.of(image, 0, between(0.03, 0.15, random), random);
    }
  },
  /** A JPEG of quality 0.05 to 0.25, with chroma subsampled to a quarter. */
  JPEG {
    @Override
    Images of(Images image, RandomStream random) {
      float quality = (float) between(0.05, 0.25, random);
      byte[] file = ImageCodecs.jpeg(ImageCodecs.picture(image, 0), quality, false);
      try {
        return ImageFile.of(file).image();
      } catch (IOException e) {
        throw new UncheckedIOException("a JPEG that was just written cannot be read", e);
      }
    }
  },
  /** A quarter of the tiles, 16 x 16 pixels, are replaced by copies of another tile. */
  DUPLICATED_TILES {
    @Override
    Images of(Images image, RandomStream random) {
      int[] order = random.permutation(TILES * TILES);
      int[] shown = inPlace();
      for (int k = 1; k <= TILES * TILES / 4; k++) {
        shown[order[k]] = order[0];
      }
      return tiled(image, shown);
    }
  },
  /** Half of the tiles, 16 x 16 pixels, are permuted. */
  SHUFFLED_TILES {
    @Override
    Images of(Images image, RandomStream random) {
      int[] order = random.permutation(TILES * TILES);
      int[] shown = inPlace();
      int half = TILES * TILES / 2;
      for (int k = 0; k < half; k++) { // a cycle, so that none stays in its place
        shown[order[k]] = order[(k + 1) % half];
      }
      return tiled(image, shown);
    }
  },
  /** The mean of the image and a copy shifted by 3 pixels in one of eight directions. */
  GHOST {
    @Override
    Images of(Images image, RandomStream random) {
      int[] direction = DIRECTIONS[random.nextInt(DIRECTIONS.length)];
      int pixels = (int) Math.max(1, Math.round(3.0 * image.width() / WIDTH));
      return ghost(image, pixels * direction[0], pixels * direction[1]);
    }
  };

  /** Number of tiles of an image in a row and in a column. */
  private static final int TILES = 4;

  private static final double WIDTH = 64;
  private static final double MOST_BLUR = 32;
  private static final int[][] DIRECTIONS = {
    {-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 1}, {1, -1}, {1, 0}, {1, 1}
  };

  /** Returns the key, such as {@code duplicated-tiles}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the kind with this key, if there is one. */
  public static Optional<Damage> of(String key) {
    return Arrays.stream(values()).filter(kind -> kind.key().equals(key)).findFirst();
  }

  /**
   * Returns a damaged copy of one image, of the same size. It may be equal to the original, for
   * example if two white tiles were exchanged.
   *
   * @param image a single image
   * @param random decides where and how much
   * @throws IllegalArgumentException if the image is too small to have tiles
   */
  public Images damaged(Images image, RandomStream random) {
    if (image.count() != 1) {
      throw new IllegalArgumentException(
          "got %d images to damage; pass one at a time".formatted(image.count()));
    }
    if (image.height() < TILES || image.width() < TILES) {
      throw new IllegalArgumentException(
          "an image of %d x %d pixels is too small to be damaged; it needs %d x %d or more"
              .formatted(image.height(), image.width(), TILES, TILES));
    }
    return of(image, random);
  }

  abstract Images of(Images image, RandomStream random);

  private static double between(double least, double most, RandomStream random) {
    return least + (most - least) * random.nextUniform();
  }

  private static int[] inPlace() {
    int[] shown = new int[TILES * TILES];
    Arrays.setAll(shown, tile -> tile);
    return shown;
  }

  /**
   * @param shown for each tile position, row by row, the tile that is shown there
   */
  static Images tiled(Images image, int[] shown) {
    int height = image.height() / TILES;
    int width = image.width() / TILES;
    byte[] out = image.rgb().clone();
    for (int place = 0; place < shown.length; place++) {
      for (int row = 0; row < height; row++) {
        int from = start(image, shown[place], row, height, width);
        int to = start(image, place, row, height, width);
        System.arraycopy(image.rgb(), from, out, to, 3 * width);
      }
    }
    return new Images(1, image.height(), image.width(), out);
  }

  /** Returns the offset of a row of a tile. */
  private static int start(Images image, int tile, int row, int height, int width) {
    return 3 * ((tile / TILES * height + row) * image.width() + tile % TILES * width);
  }

  /**
   * Averages the image and a copy shifted by {@code down} and {@code right}; the border pixel
   * repeats.
   */
  static Images ghost(Images image, int down, int right) {
    byte[] rgb = image.rgb();
    byte[] out = new byte[rgb.length];
    for (int y = 0; y < image.height(); y++) {
      int otherY = Math.max(0, Math.min(image.height() - 1, y + down));
      for (int x = 0; x < image.width(); x++) {
        int otherX = Math.max(0, Math.min(image.width() - 1, x + right));
        int at = 3 * (y * image.width() + x);
        int other = 3 * (otherY * image.width() + otherX);
        for (int c = 0; c < 3; c++) {
          out[at + c] = (byte) (((rgb[at + c] & 255) + (rgb[other + c] & 255) + 1) / 2);
        }
      }
    }
    return new Images(1, image.height(), image.width(), out);
  }
}
