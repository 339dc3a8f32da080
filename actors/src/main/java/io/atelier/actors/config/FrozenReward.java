package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import java.util.Arrays;
import java.util.List;

/**
 * A reward on a frozen CLIP.
 *
 * @param kind what is made of its vectors
 * @param weight in the reward; 0 leaves it out
 * @param model folder of a CLIP; empty where it is left out
 * @param head file of the head on it; empty for a kind without one
 */
public record FrozenReward(Kind kind, double weight, String model, String head) {

  /** The rewards there are; each has a section of its name. */
  public enum Kind {
    PICKSCORE,
    CLIP_SCORE,
    HPSV2,
    AESTHETIC;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }
  }

  public FrozenReward {
    require(weight >= 0, "weight is %s, must not be negative", weight);
    require(
        weight == 0 || !model.isEmpty(),
        "model is empty, must name the folder of a CLIP where weight is positive: %s",
        weight);
    require(
        weight == 0 || kind != Kind.AESTHETIC || !head.isEmpty(),
        "head is empty, must name a safetensors file where weight is positive: %s",
        weight);
  }

  static List<FrozenReward> all(Section rewards) {
    return Arrays.stream(Kind.values()).map(kind -> from(kind, rewards)).toList();
  }

  private static FrozenReward from(Kind kind, Section rewards) {
    Section section = rewards.section(kind.key());
    return section.build(
        () ->
            new FrozenReward(
                kind,
                section.decimal("weight"),
                section.path("model"),
                kind == Kind.AESTHETIC ? section.path("head") : ""));
  }
}
