package io.atelier.actors.api.plan;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.reward.ArtifactConfig;
import io.atelier.actors.config.reward.FeaturesConfig;
import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.reward.PluginRewardConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.run.ModelConfig;
import io.atelier.learner.advantage.CreditMode;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceSource;
import io.atelier.reward.artifact.ArtifactGuard;
import io.atelier.reward.artifact.ArtifactReward;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that the user set without effect, because another key disables what they configure. Keys set
 * by a preset are not reported: it is meant for all runs that start from it.
 */
public final class UnreadKeys {

  private static final Logger LOG = LoggerFactory.getLogger(UnreadKeys.class);

  /**
   * The whole section except how often, and how many prompts, which decides how many are held out.
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

  /** The critic from which others inherit the keys that they do not set. */
  private static final String FIRST = "reward.adversarial";

  private static final String CREDIT = "learner.credit.steps";

  private static final String PLACES = "learner.credit.places";

  private UnreadKeys() {}

  public static void warn(TrainConfig config, boolean supplied) {
    lines(config, supplied).forEach(LOG::warn);
  }

  /**
   * A line for each key that disables something whose other keys are set.
   *
   * @param supplied whether a program supplied the reward, which may use the section {@code critic}
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
    add(
        lines,
        "learner.objective is " + config.objective().key(),
        config.given(config.objective().unread()));
    if (supplied) {
      List<String> own = config.given(List.of("reward"), key -> !key.equals("reward.supplied"));
      if (!own.isEmpty()) {
        lines.add(
            "the reward comes from the program, which alone may read these settings: "
                + String.join(", ", own));
      }
    } else {
      addOfReward(lines, config);
    }
    if (config.learner().flatGroups().action() != FlatGroups.Action.REPLACE) {
      add(
          lines,
          "learner.flat-groups is not replace",
          config.given(List.of("learner.flat-replacements")));
    }
    addOfCredit(lines, config);
    if (config.evaluation().every() == 0) {
      add(lines, "evaluation.every is 0, so nothing is measured", config.given(EVALUATION));
    }
    if (config.pictures().megabytes() == 0) {
      add(
          lines,
          "pictures.megabytes is 0, so no pictures are made",
          config.given(List.of("pictures"), key -> !key.equals("pictures.megabytes")));
    }
    return lines;
  }

  private static void addOfReward(List<String> lines, TrainConfig config) {
    boolean graph = config.reward().graph().isPresent();
    if (graph) {
      add(lines, "reward.graph has weights of its own", config.given(weights(config)));
    }
    for (AdversarialConfig part : config.reward().adversarial()) {
      String weight = part.section() + ".weight";
      if (config.reward().scores(part.name(), part.weight())) {
        add(
            lines,
            "%s.kind is %s".formatted(part.section(), part.kind().key()),
            config.given(part.unread(), key -> !config.isInherited(key)));
        addOfResidual(lines, config, part);
        addOfMembers(lines, config, part);
      } else if (!part.section().equals(FIRST)) {
        addLeftOut(lines, config, part.section(), part.name());
      } else {
        add(
            lines,
            leftOut(part.section(), part.name(), graph)
                + (config.reward().learned().isEmpty()
                    ? ", so nothing learns to tell images apart"
                    : ", and each critic has its own"),
            config.given(
                List.of(FIRST, "critic"), key -> !key.equals(weight) && !config.isInherited(key)));
      }
    }
    for (HttpRewardConfig part : config.reward().http()) {
      if (!config.reward().asked().contains(part)) {
        addLeftOut(lines, config, part.section(), part.name());
      }
    }
    ArtifactConfig artifact = config.reward().artifact();
    if (!config.reward().asksArtifact()) {
      addLeftOut(lines, config, ArtifactConfig.SECTION, ArtifactReward.NAME);
    } else if (artifact.guard().mode() == ArtifactGuard.Mode.ADD) {
      add(
          lines,
          ArtifactConfig.SECTION + ".mode is add",
          config.given(
              List.of(
                  ArtifactConfig.SECTION + ".threshold", ArtifactConfig.SECTION + ".strength")));
    }
    if (!config.reward().readsFeatures()) {
      add(
          lines,
          "neither similarity nor diversity is scored, which alone compare images",
          config.given(List.of(FeaturesConfig.SECTION)));
    }
    for (JudgeConfig part : config.reward().judges()) {
      if (!config.reward().scores(part.name(), part.weight())) {
        addLeftOut(lines, config, part.section(), part.name());
      } else if (part.pairs() == JudgeConfig.Pairs.NONE) {
        add(
            lines,
            part.section() + ".pairs is none",
            config.given(List.of(part.section() + ".both-orders")));
      }
    }
    for (PluginRewardConfig part : config.reward().plugins()) {
      if (!config.reward().scores(part.name(), part.weight())) {
        addLeftOut(lines, config, part.section(), part.name());
      }
    }
  }

  private static void addOfResidual(
      List<String> lines, TrainConfig config, AdversarialConfig part) {
    String section = part.section() + ".residual";
    if (part.kind() == AdversarialKind.DISCRIMINATOR && part.prior().isEmpty()) {
      add(
          lines,
          section + ".prior is empty",
          config.given(
              List.of(section),
              key -> !key.equals(section + ".prior") && !config.isInherited(key)));
    }
  }

  private static void addOfCredit(List<String> lines, TrainConfig config) {
    CreditMode mode = config.learner().advantage().credit().mode();
    List<String> unread = new ArrayList<>();
    if (mode != CreditMode.REDISTRIBUTE) {
      unread.add(CREDIT + ".alpha");
    }
    if (mode != CreditMode.GAIN) {
      unread.add(CREDIT + ".normalise");
    }
    String written = mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    add(lines, "%s.mode is %s".formatted(CREDIT, written), config.given(unread));
    PlaceConfig places = config.learner().loss().places();
    if (places.source() == PlaceSource.NONE) {
      add(lines, PLACES + ".source is none", config.given(List.of(PLACES + ".alpha")));
    } else if (!places.moves()) {
      add(lines, PLACES + ".alpha is 0", config.given(List.of(PLACES + ".source")));
    }
  }

  private static void addOfMembers(List<String> lines, TrainConfig config, AdversarialConfig part) {
    if (part.kind() == AdversarialKind.DISCRIMINATOR
        && !part.discriminator().ensemble().several()) {
      add(
          lines,
          part.criticSection() + ".members is 1",
          config.given(
              List.of(part.section() + ".aggregate", part.criticSection() + ".bootstrap"),
              key -> !config.isInherited(key)));
    }
  }

  private static void addLeftOut(
      List<String> lines, TrainConfig config, String section, String name) {
    add(
        lines,
        leftOut(section, name, config.reward().graph().isPresent()) + ", which leaves it out",
        config.given(List.of(section), key -> !key.equals(section + ".weight")));
  }

  private static String leftOut(String section, String name, boolean graph) {
    return graph ? "reward.graph does not name " + name : section + ".weight is 0";
  }

  private static List<String> weights(TrainConfig config) {
    RewardConfig reward = config.reward();
    return Stream.of(
            reward.adversarial().stream().map(AdversarialConfig::section),
            Stream.of("reward.jpeg", "reward.ocr", ArtifactConfig.SECTION),
            reward.frozen().stream().map(part -> "reward." + part.kind().key()),
            reward.http().stream().map(HttpRewardConfig::section),
            reward.plain().stream().map(part -> "reward." + part.kind().key()),
            reward.judges().stream().map(JudgeConfig::section),
            reward.plugins().stream().map(PluginRewardConfig::section))
        .flatMap(sections -> sections)
        .map(section -> section + ".weight")
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
