package io.atelier.reward.clip;

import io.atelier.models.encoder.Clip;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;

/**
 * How well an image fits its prompt, by the cosine of their CLIP vectors. Images are brought to the
 * network's size as CLIP does it: the shorter edge by Pillow's bicubic, then the middle. Of a
 * prompt that is too long the beginning is read.
 */
public final class TextImageReward implements Reward {

  /** What becomes of the cosine; e^s is the scale that a CLIP learned. */
  public enum Formula {
    /** e^s cos / 26: PickScore (Kirstain et al. 2023) as Flow-GRPO scales it. */
    PICKSCORE {
      @Override
      public double of(double cosine, double scale) {
        return scale * cosine / 26;
      }
    },
    /** e^s cos / 30: CLIP score as Flow-GRPO scales it. */
    CLIP_SCORE {
      @Override
      public double of(double cosine, double scale) {
        return scale * cosine / 30;
      }
    },
    /** cos: HPSv2 (Wu et al. 2023), which leaves the scale out. */
    HPSV2 {
      @Override
      public double of(double cosine, double scale) {
        return cosine;
      }
    };

    /** The score of an image by its cosine and e^s. */
    public abstract double of(double cosine, double scale);
  }

  private final String name;
  private final Formula formula;
  private final Clip clip;

  /**
   * @param name under which the scores are reported
   * @param clip stays its owner's to close; other rewards may use it as well
   */
  public TextImageReward(String name, Formula formula, Clip clip) {
    this.name = name;
    this.formula = formula;
    this.clip = clip;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Outcome score(ImageGroup group) {
    float[] text = clip.text(group.prompt().text());
    float[] images = clip.images(group.images());
    float[] scores = new float[group.images().count()];
    for (int n = 0; n < scores.length; n++) {
      double cosine =
          Vectors.dot(images, n * text.length, text, 0, text.length)
              / Vectors.norm(images, n * text.length, text.length)
              / Vectors.norm(text, 0, text.length);
      scores[n] = (float) formula.of(cosine, clip.scale());
    }
    return new Scored(scores, Map.of());
  }
}
