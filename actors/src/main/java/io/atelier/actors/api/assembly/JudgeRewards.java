package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.rewards.JudgeReward;
import io.atelier.actors.rewards.JudgementFile;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.judge.Anchors;
import io.atelier.reward.sum.RewardSum;
import io.atelier.rollout.Prompt;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Creates the rewards of judges. */
final class JudgeRewards {

  private JudgeRewards() {}

  /** Creates the rewards that are scored. */
  static Stream<RewardSum> of(TrainConfig config, TrainingData data) {
    JudgementFile file = // one for all; each line names its judge
        new JudgementFile(new RunFiles(Path.of(config.run().dir())).judgements());
    return config.reward().judged().stream()
        .map(part -> of(part, config, data, file).weight(config.reward().weight(part.weight())));
  }

  private static RewardSum of(
      JudgeConfig part, TrainConfig config, TrainingData data, JudgementFile file) {
    Assembly.checked(part.section(), () -> JudgeReward.requireFits(config.rollout()));
    int images = config.rollout().groupSize();
    if (part.pairs() == JudgeConfig.Pairs.ALL) {
      RewardAssembly.requireWholeGroups(part.section() + " (pairs=all)", config);
    }
    if (part.pairs() == JudgeConfig.Pairs.ALL && images < 2) {
      throw new InvalidConfigException(
          "%s.pairs is all, which compares the images of a group with each other, and rollout.group-size is %d; make it 2 or more, or set pairs=anchor"
              .formatted(part.section(), images));
    }
    return JudgeReward.of(
        part,
        key(part, System.getenv()),
        part.pairs() == JudgeConfig.Pairs.ANCHOR
            ? Optional.of(anchors(part, config, data))
            : Optional.empty(),
        file,
        part.longest(images, config.workers().reward()));
  }

  /** The key of a server, which no message may contain. */
  static Optional<String> key(JudgeConfig part, Map<String, String> environment) {
    if (part.keyVariable().isEmpty()) {
      return Optional.empty();
    }
    String key = environment.getOrDefault(part.keyVariable(), "");
    if (key.isEmpty()) {
      throw new EnvironmentException(
          "%s.key-variable is %s, but there is no such environment variable here; set it to the key of the server, on every node that scores"
              .formatted(part.section(), part.keyVariable()));
    }
    if (!key.matches("[\\x21-\\x7e]+")) {
      throw new EnvironmentException(
          "environment variable %s, which %s.key-variable names, holds white space or letters beyond ASCII, which no key has; set it again"
              .formatted(part.keyVariable(), part.section()));
    }
    return Optional.of(key);
  }

  /** The first reference of each prompt. */
  private static Anchors anchors(JudgeConfig part, TrainConfig config, TrainingData data) {
    References references = data.references();
    Map<Integer, List<Integer>> byPrompt = references.byPrompt();
    Optional<Prompt> without =
        data.prompts().stream().filter(prompt -> !byPrompt.containsKey(prompt.index())).findFirst();
    if (without.isPresent()) {
      throw new InvalidConfigException(
          ("%s.pairs is anchor, which compares every image with a reference of its prompt, and"
                  + " data.references = %s has none of \"%s\"; name a JSON file with images of every"
                  + " prompt, as ./atelier references makes it, or set pairs=all")
              .formatted(part.section(), config.data().references(), without.get().text()));
    }
    RewardAssembly.requireSameSize(config, references.images());
    return prompt -> references.images().get(byPrompt.get(prompt.index()).get(0));
  }
}
