package io.atelier.models.ocr;

import io.atelier.models.ocr.Characters.Line;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/**
 * Reads the text in images with PP-OCRv4 (Chinese and English, good at short words in pictures):
 * one network finds lines, another reads each. Lines are assumed to be horizontal; steeply slanted
 * or vertical text is not read. The text of an image does not depend on the rest of the batch. Not
 * thread-safe: one compute thread owns a reader.
 */
public final class TextReader implements AutoCloseable {

  /** Name of the networks, as a run records it. */
  public static final String NAME = "PP-OCRv4";

  private final TextDetector detector;
  private final TextRecogniser recogniser;

  /**
   * Opens both networks, which take about 16 MB.
   *
   * @param threads threads within one operation, at least 1; the text does not depend on it
   */
  public TextReader(int threads) {
    detector = new TextDetector(threads);
    try {
      recogniser = new TextRecogniser(threads);
    } catch (RuntimeException e) {
      detector.close();
      throw e;
    }
  }

  /** SHA-256 of the networks' files, by name. */
  public static SortedMap<String, String> hashes() {
    return OcrModels.hashes();
  }

  /** All characters that it can read. */
  public static String characters() {
    return Characters.load().text();
  }

  /** The lines of each image, row by row from the top, within a row from the left. */
  public List<List<TextBox>> read(Images images) {
    List<List<Box>> boxes = detector.boxes(images).stream().map(TextReader::ordered).toList();
    List<Images> pictures = new ArrayList<>();
    for (int n = 0; n < boxes.size(); n++) {
      for (Box box : boxes.get(n)) {
        pictures.add(cut(images, n, box));
      }
    }
    List<Line> lines = recogniser.read(pictures);
    List<List<TextBox>> read = new ArrayList<>();
    int at = 0;
    for (List<Box> ofImage : boxes) {
      List<TextBox> texts = new ArrayList<>();
      for (Box box : ofImage) {
        Line line = lines.get(at++);
        if (!line.text().isEmpty()) {
          texts.add(new TextBox(box, line.text(), line.confidence()));
        }
      }
      read.add(texts);
    }
    return read;
  }

  /** Boxes whose middle lies within the upper box of a row belong to that row. */
  static List<Box> ordered(List<Box> boxes) {
    List<Box> down = new ArrayList<>(boxes);
    down.sort(Comparator.comparingInt(TextReader::middle).thenComparingInt(Box::left));
    List<Box> ordered = new ArrayList<>();
    List<Box> row = new ArrayList<>();
    for (Box box : down) {
      if (!row.isEmpty() && middle(box) >= 2 * row.get(0).bottom()) {
        ordered.addAll(fromLeft(row));
        row.clear();
      }
      row.add(box);
    }
    ordered.addAll(fromLeft(row));
    return ordered;
  }

  private static List<Box> fromLeft(List<Box> row) {
    return row.stream().sorted(Comparator.comparingInt(Box::left)).toList();
  }

  /** Twice the row of a box's middle. */
  private static int middle(Box box) {
    return box.top() + box.bottom();
  }

  private static Images cut(Images images, int n, Box box) {
    byte[] rgb = new byte[3 * box.height() * box.width()];
    for (int y = 0; y < box.height(); y++) {
      int from = ((n * images.height() + box.top() + y) * images.width() + box.left()) * 3;
      System.arraycopy(images.rgb(), from, rgb, 3 * y * box.width(), 3 * box.width());
    }
    return new Images(1, box.height(), box.width(), rgb);
  }

  @Override
  public void close() {
    detector.close();
    recogniser.close();
  }
}
