package io.atelier.actors.api;

import io.atelier.actors.config.AdversarialConfig;
import io.atelier.actors.config.HttpRewardConfig;
import io.atelier.actors.config.ModelConfig;
import io.atelier.actors.config.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that somebody set and that change nothing, since another key leaves out what they are of.
 * What a preset sets is not told: it is meant for all runs that begin with it.
 */
final class UnreadKeys {

  private static final Logger LOG = LoggerFactory.getLogger(UnreadKeys.class);

  /**
   * All of the section but how often, and how many prompts, which decides how many are held out.
   */
  private static final List<String> EVALUATION =
      List.of(
          "evaluation.group-size",
          "evaluation.steps",
          "evaluation.guidance",
          "evaluation.seed",
          "evaluation.encoder",
          "evaluation.encoder-pixels",
          "evaluation.encoder-colours",
          "placement.evaluation");

  private UnreadKeys() {}

  static void warn(TrainConfig config, boolean supplied) {
    lines(config, supplied).forEach(LOG::warn);
  }

  /**
   * A line for each key that leaves out something of which others are set.
   *
   * @param supplied whether a program brought the reward along, which may learn by {@code critic}
   */
  static List<String> lines(TrainConfig config, boolean supplied) {
    List<String> lines = new ArrayList<>();
    if (config.model().train() == ModelConfig.Train.FULL) {
      add(
          lines,
          "model.train is full, which trains no adapter",
          config.given(List.of("model.adapter", "rollout.merge-adapter")));
    } else {
      add(
          lines,
          "model.train is adapter, which trains no weights of the model itself",
          config.given(List.of("model.targets")));
    }
    for (AdversarialConfig part : config.reward().adversarial()) {
      if (part.weight() > 0) {
        add(
            lines,
            "%s.kind is %s".formatted(part.section(), part.kind().key()),
            config.given(part.unread()));
      } else if (part.section().equals("reward.critics." + part.name())) {
        add(
            lines,
            part.section() + ".weight is 0, which leaves it out",
            besideWeight(config, part.section(), List.of(part.section())));
      }
    }
    for (HttpRewardConfig part : config.reward().http()) {
      if (part.weight() == 0) {
        add(
            lines,
            part.section() + ".weight is 0, which leaves it out",
            besideWeight(config, part.section(), List.of(part.section())));
      }
    }
    if (config.reward().learned().isEmpty() && !supplied) {
      add(
          lines,
          "reward.adversarial.weight is 0, so nothing learns to tell images apart",
          besideWeight(config, "reward.adversarial", List.of("reward.adversarial", "critic")));
    }
    if (config.evaluation().every() == 0) {
      add(lines, "evaluation.every is 0, so nothing is measured", config.given(EVALUATION));
    }
    return lines;
  }

  private static List<String> besideWeight(
      TrainConfig config, String section, List<String> sections) {
    return config.given(sections).stream()
        .filter(key -> !key.startsWith(section + ".weight "))
        .toList();
  }

  private static void add(List<String> lines, String why, List<String> unread) {
    if (!unread.isEmpty()) {
      lines.add(
          "%s: these settings change nothing: %s; leave them out"
              .formatted(why, String.join(", ", unread)));
    }
  }
}
