package io.atelier.models.ocr;

import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxNetwork;
import io.atelier.models.vision.Resize;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the lines of text in images. Images whose shorter edge has less than {@value #SHORTER}
 * pixels are enlarged, those whose longer edge has more than {@value #LONGER} reduced; both edges
 * are rounded to a multiple of 32. One compute thread owns it.
 */
final class TextDetector implements AutoCloseable {

  /**
   * Minimum pixels of the shorter edge; without enlarging, words of 32 pixels or less are missed.
   */
  private static final int SHORTER = 128;

  /** Maximum pixels of the longer edge, as in PP-OCR. */
  private static final int LONGER = 960;

  /** Factor by which the network reduces an image. */
  private static final int STRIDE = 32;

  /** Pixels per batch; bounds memory. */
  private static final int AT_ONCE = 1 << 18;

  /** Values of ImageNet, in the order R, G, B, but PP-OCR applies them to B, G, R. */
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};

  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private final OnnxNetwork network;

  TextDetector(int threads) {
    network = OnnxNetwork.open("text detector", OcrModels.bytes(OcrModels.DETECTOR), threads);
  }

  /** The boxes of each image, in its own pixels. */
  List<List<Box>> boxes(Images images) {
    int height = edge(images.height(), images);
    int width = edge(images.width(), images);
    int batch = Math.max(1, AT_ONCE / (height * width));
    List<List<Box>> found = new ArrayList<>();
    for (int first = 0; first < images.count(); first += batch) {
      Images some = images.slice(first, Math.min(images.count(), first + batch));
      Images resized = Resize.pillow(some, height, width, Filter.BILINEAR);
      Feature map =
          network
              .run(Bgr.normalised(resized, MEAN, STD))
              .values()
              .iterator()
              .next(); // (n, 1, h, w)
      for (int n = 0; n < some.count(); n++) {
        found.add(
            TextRegions.boxes(map.values(), n * height * width, height, width).stream()
                .map(box -> within(images, box, height, width))
                .toList());
      }
    }
    return found;
  }

  /** Rows or columns of the network's input for an edge of {@code pixels}. */
  private static int edge(int pixels, Images images) {
    int shorter = Math.min(images.height(), images.width());
    int longer = Math.max(images.height(), images.width());
    double scale = Math.max(1, (double) SHORTER / shorter);
    scale = Math.min(scale, (double) LONGER / longer);
    return Math.max(STRIDE, STRIDE * (int) Math.round(scale * pixels / STRIDE));
  }

  /** Converts a box from the network's pixels to those of an image; rounding only enlarges it. */
  private static Box within(Images images, Box box, int height, int width) {
    double x = (double) images.width() / width;
    double y = (double) images.height() / height;
    return new Box(
        (int) Math.floor(x * box.left()),
        (int) Math.floor(y * box.top()),
        Math.min(images.width(), (int) Math.ceil(x * box.right())),
        Math.min(images.height(), (int) Math.ceil(y * box.bottom())));
  }

  @Override
  public void close() {
    network.close();
  }
}
