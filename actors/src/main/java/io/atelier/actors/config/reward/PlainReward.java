package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import java.util.Arrays;
import java.util.List;

/**
 * A reward of which only the weight is configured.
 *
 * @param weight in the reward; 0 leaves it out
 */
public record PlainReward(Kind kind, double weight) {

  /** These rewards; each has a section of its name. */
  public enum Kind {
    SHARPNESS,
    COLOUR,
    COUNT,
    FRAME,
    SIMILARITY,
    DIVERSITY;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }

    /** Whether it looks at images through the encoder of {@code reward.features}. */
    public boolean readsFeatures() {
      return this == SIMILARITY || this == DIVERSITY;
    }
  }

  public PlainReward {
    require(weight >= 0, "weight is %s, must not be negative", weight);
  }

  static List<PlainReward> all(Section rewards) {
    return Arrays.stream(Kind.values())
        .map(
            kind -> {
              Section section = rewards.section(kind.key());
              return section.build(() -> new PlainReward(kind, section.decimal("weight")));
            })
        .toList();
  }
}
