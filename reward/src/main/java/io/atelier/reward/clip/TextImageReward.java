package io.atelier.reward.clip;

import io.atelier.models.encoder.Clip;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;

/**
 * How well an image fits its prompt, by the cosine of their CLIP vectors. Images are resized as for
 * CLIP: the shorter edge by Pillow's bicubic, then a centre crop. Prompts that are too long are
 * truncated.
 */
public final class TextImageReward implements Reward {

  /** Score as a function of the cosine; e^s is the scale that the CLIP learned. */
  public enum Formula {
    /**
     * {@code e^s cos / 26}: PickScore (Kirstain et al. 2023, arXiv 2305.01569) as scaled by
     * Flow-GRPO.
     */
    PICKSCORE {
      @Override
      public double of(double cosine, double scale) {
        return scale * cosine / 26;
      }
    },
    /** {@code e^s cos / 30}: CLIP score as scaled by Flow-GRPO. */
    CLIP_SCORE {
      @Override
      public double of(double cosine, double scale) {
        return scale * cosine / 30;
      }
    },
    /** {@code cos}: HPSv2 (Wu et al. 2023, arXiv 2306.09341), which omits the scale. */
    HPSV2 {
      @Override
      public double of(double cosine, double scale) {
        return cosine;
      }
    };

    /** Returns the score of an image from its cosine and e^s. */
    public abstract double of(double cosine, double scale);
  }

  private final String name;
  private final Formula formula;
  private final Clip clip;

  /**
   * @param name under which the scores are reported
   * @param clip closed by its owner; may be shared with other rewards
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
