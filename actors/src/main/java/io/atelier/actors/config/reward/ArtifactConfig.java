package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.Section;
import io.atelier.reward.artifact.ArtifactGuard;
import io.atelier.reward.artifact.ArtifactReward;
import java.util.Optional;

/**
 * The reward for images without artifacts.
 *
 * @param weight in the reward; 0 leaves it out
 * @param head file of the head; empty where it is left out
 * @param guard how scores are made from the head's probabilities
 * @param encoder of the head's inputs
 */
public record ArtifactConfig(
    double weight, String head, ArtifactGuard guard, EncoderChoice encoder) {

  /** Name of the section. */
  public static final String SECTION = "reward." + ArtifactReward.NAME;

  public ArtifactConfig {
    require(weight >= 0, "weight is %s, must not be negative", weight);
    Optional<String> missing = missing(head);
    require(
        weight == 0 || missing.isEmpty(),
        "%s where weight is positive: %s",
        missing.orElse(""),
        weight);
  }

  /** Returns what has to be set before it can score, beginning with the key. */
  Optional<String> missing() {
    return missing(head);
  }

  private static Optional<String> missing(String head) {
    return head.isEmpty()
        ? Optional.of("head is empty, must name a file that ./atelier artifact has written")
        : Optional.empty();
  }

  static ArtifactConfig from(Section section) {
    EncoderChoice encoder = EncoderChoice.from(section);
    return section.build(
        () ->
            new ArtifactConfig(
                section.decimal("weight"),
                section.path("head"),
                new ArtifactGuard(
                    section.choice("mode", ArtifactGuard.Mode.class),
                    section.decimal("threshold"),
                    section.decimal("strength")),
                encoder));
  }
}
