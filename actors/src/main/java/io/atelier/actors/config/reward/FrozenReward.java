package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A reward on a frozen CLIP.
 *
 * @param kind how scores are made from its vectors
 * @param weight in the reward; 0 leaves it out
 * @param model folder of a CLIP; empty where it is left out
 * @param head file of the head on it; empty for a kind without one
 */
public record FrozenReward(Kind kind, double weight, String model, String head) {

  /** The rewards on frozen CLIPs; each has a section of its name. */
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
    Optional<String> missing = missing(kind, model, head);
    require(
        weight == 0 || missing.isEmpty(),
        "%s where weight is positive: %s",
        missing.orElse(""),
        weight);
  }

  /** Returns what has to be set before it can score, beginning with the key. */
  Optional<String> missing() {
    return missing(kind, model, head);
  }

  private static Optional<String> missing(Kind kind, String model, String head) {
    if (model.isEmpty()) {
      return Optional.of("model is empty, must name the folder of a CLIP");
    }
    return kind == Kind.AESTHETIC && head.isEmpty()
        ? Optional.of("head is empty, must name a safetensors file")
        : Optional.empty();
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
