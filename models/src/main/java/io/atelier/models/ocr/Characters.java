package io.atelier.models.ocr;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * The characters of the recogniser. Its class 0 is the blank of CTC, class k the character in line
 * k of its file, and the last class the space.
 */
final class Characters {

  /** The text read from a line. */
  record Line(String text, float confidence) {}

  private final List<String> classes;

  private Characters(List<String> classes) {
    this.classes = classes;
  }

  static Characters load() {
    String file = new String(OcrModels.bytes(OcrModels.CHARACTERS), StandardCharsets.UTF_8);
    return of(file.lines().toList());
  }

  static Characters of(List<String> characters) {
    return new Characters(
        Stream.of(List.of(""), characters, List.of(" ")).flatMap(List::stream).toList());
  }

  /** Number of classes of the recogniser. */
  int classes() {
    return classes.size();
  }

  /** All characters, concatenated. */
  String text() {
    return String.join("", classes);
  }

  /**
   * The most probable class of each step, with repeats collapsed and blanks removed: greedy
   * decoding of CTC (Graves et al. 2006).
   *
   * @param probabilities probabilities by step and class, beginning at {@code from}
   * @return the text, which may be empty, and the mean probability of its characters; 0 for none
   */
  Line decode(float[] probabilities, int from, int steps) {
    StringBuilder text = new StringBuilder();
    double sum = 0;
    int count = 0;
    int last = 0;
    for (int step = 0; step < steps; step++) {
      int at = from + step * classes.size();
      int best = 0;
      for (int k = 1; k < classes.size(); k++) {
        if (probabilities[at + k] > probabilities[at + best]) {
          best = k;
        }
      }
      if (best != 0 && best != last) {
        text.append(classes.get(best));
        sum += probabilities[at + best];
        count++;
      }
      last = best;
    }
    return new Line(text.toString(), count == 0 ? 0 : (float) (sum / count));
  }
}
