package io.atelier.models.ocr;

import io.atelier.models.ocr.Characters.Line;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxNetwork;
import io.atelier.models.vision.Pixels;
import io.atelier.models.vision.Resize;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads pictures of one line of text. Each is resized to {@value #HEIGHT} rows and padded on the
 * right with grey to a multiple of {@value #STEP} columns; only pictures of equal width share a
 * batch, so that the text of one does not depend on others. One compute thread owns it.
 */
final class TextRecogniser implements AutoCloseable {

  private static final int HEIGHT = 48;

  private static final int STEP = 32;

  /** Pixels per batch; bounds memory. */
  private static final int AT_ONCE = 16 * HEIGHT * 320;

  private static final float[] HALF = {0.5f, 0.5f, 0.5f};

  private final OnnxNetwork network;
  private final Characters characters = Characters.load();

  TextRecogniser(int threads) {
    network = OnnxNetwork.open("text recogniser", OcrModels.bytes(OcrModels.RECOGNISER), threads);
  }

  /** The text of each picture, in their order. */
  List<Line> read(List<Images> pictures) {
    Line[] lines = new Line[pictures.size()];
    Map<Integer, List<Integer>> byWidth =
        IntStream.range(0, lines.length)
            .boxed()
            .collect(
                Collectors.groupingBy(
                    i -> STEP * ((width(pictures.get(i)) + STEP - 1) / STEP),
                    TreeMap::new,
                    Collectors.toList()));
    byWidth.forEach(
        (width, places) -> {
          int batch = Math.max(1, AT_ONCE / (HEIGHT * width));
          for (int first = 0; first < places.size(); first += batch) {
            read(
                pictures,
                places.subList(first, Math.min(places.size(), first + batch)),
                width,
                lines);
          }
        });
    return Arrays.asList(lines);
  }

  /** Columns of a picture at the network's height. */
  private static int width(Images picture) {
    return Math.max(1, Math.round((float) HEIGHT * picture.width() / picture.height()));
  }

  private void read(List<Images> pictures, List<Integer> places, int width, Line[] lines) {
    float[] values = new float[places.size() * 3 * HEIGHT * width];
    for (int i = 0; i < places.size(); i++) {
      Images picture = pictures.get(places.get(i));
      int own = width(picture);
      Pixels line =
          Bgr.normalised(Resize.pillow(picture, HEIGHT, own, Filter.BILINEAR), HALF, HALF);
      for (int row = 0; row < 3 * HEIGHT; row++) {
        System.arraycopy(line.values(), row * own, values, (i * 3 * HEIGHT + row) * width, own);
      }
    }
    Feature steps =
        network.run(new Pixels(places.size(), HEIGHT, width, values)).values().iterator().next();
    int count = (int) steps.shape()[1]; // (n, steps, classes)
    if (steps.shape()[2] != characters.classes()) {
      throw new IllegalStateException(
          "the text recogniser has %d classes, but %s has %d characters; rebuild the project"
              .formatted(steps.shape()[2], OcrModels.CHARACTERS, characters.classes() - 2));
    }
    for (int i = 0; i < places.size(); i++) {
      lines[places.get(i)] =
          characters.decode(steps.values(), i * count * characters.classes(), count);
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
