package io.atelier.reward.ocr;

import io.atelier.models.ocr.TextBox;
import io.atelier.models.ocr.TextReader;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How much of the text that a prompt asks for can be read in an image, 0 to 1, as in Flow-GRPO: the
 * lines that were read are joined, and compared with the target by {@link OcrTarget}. Absent for a
 * prompt without text in double quotes.
 */
public final class OcrReward implements Reward {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "ocr";

  /** Minimum confidence of a line that counts, as in PaddleOCR. */
  private static final float CONFIDENT = 0.5f;

  private final TextReader reader;

  /**
   * @param reader closed with this
   */
  public OcrReward(TextReader reader) {
    this.reader = reader;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Outcome score(ImageGroup group) {
    Optional<OcrTarget> target = OcrTarget.of(group.prompt().text());
    if (target.isEmpty()) {
      return new Absent(
          "prompt \"%s\" has no text between two double quotes (\")"
              .formatted(group.prompt().text()));
    }
    List<List<TextBox>> images = reader.read(group.images());
    float[] scores = new float[images.size()];
    for (int n = 0; n < scores.length; n++) {
      scores[n] = target.get().score(joined(images.get(n)));
    }
    return new Scored(scores, Map.of());
  }

  private static String joined(List<TextBox> lines) {
    return lines.stream()
        .filter(line -> line.confidence() >= CONFIDENT)
        .map(TextBox::text)
        .collect(Collectors.joining());
  }

  @Override
  public void close() {
    reader.close();
  }
}
