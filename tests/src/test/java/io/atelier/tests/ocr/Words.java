package io.atelier.tests.ocr;

import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;

/** Pictures of words in several fonts, coloured as a test asks. {@link DrawWords} drew them. */
final class Words {

  /** Rows and columns that there are pictures of. */
  static final List<Integer> SIZES = List.of(64, 128, 256);

  /** What the pictures say; a slash stands between lines. */
  static final List<String> TEXTS =
      List.of(
          "HELLO",
          "Paris",
          "SALE",
          "coffee",
          "OPEN",
          "Atelier",
          "STOP",
          "2026",
          "PIZZA",
          "Welcome",
          "TAXI",
          "music",
          "50% OFF",
          "Bakery",
          "EXIT",
          "jazz",
          "LOVE",
          "Queen",
          "GRPO",
          "Kiwi",
          "GOOD / NIGHT",
          "New / York",
          "ZEBRA",
          "happy");

  private Words() {}

  /** All words, one image each, in colours drawn from {@code seed}: one dark, the other light. */
  static Images draw(int size, boolean darkOnLight, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage ink = picture(size);
    byte[] rgb = new byte[3 * ink.getHeight() * size];
    int[] dark = new int[3];
    int[] light = new int[3];
    for (int y = 0, at = 0; y < ink.getHeight(); y++) {
      for (int c = 0; c < 3 && y % size == 0; c++) {
        dark[c] = random.nextInt(80);
        light[c] = 176 + random.nextInt(80);
      }
      for (int x = 0; x < size; x++) {
        int share = ink.getRaster().getSample(x, y, 0);
        for (int c = 0; c < 3; c++) {
          int from = darkOnLight ? light[c] : dark[c];
          int to = darkOnLight ? dark[c] : light[c];
          rgb[at++] = (byte) (from + (to - from) * share / 255);
        }
      }
    }
    return new Images(TEXTS.size(), size, size, rgb);
  }

  /** One word, black on white. */
  static Images word(int size, String text) {
    BufferedImage ink = picture(size);
    byte[] rgb = new byte[3 * size * size];
    for (int i = 0; i < size * size; i++) {
      int share = ink.getRaster().getSample(i % size, TEXTS.indexOf(text) * size + i / size, 0);
      rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = (byte) (255 - share);
    }
    return new Images(1, size, size, rgb);
  }

  private static BufferedImage picture(int size) {
    String name = "words-%d.png".formatted(size);
    try (InputStream in = Words.class.getResourceAsStream(name)) {
      return ImageCodecs.decodePng(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
