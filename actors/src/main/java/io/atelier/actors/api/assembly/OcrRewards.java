package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.ocr.TextReader;
import io.atelier.reward.ocr.OcrReward;
import io.atelier.reward.ocr.OcrTarget;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the reward for legible text. */
final class OcrRewards {

  private static final Logger LOG = LoggerFactory.getLogger(OcrRewards.class);

  private OcrRewards() {}

  /**
   * Creates the reward if it is scored. A graph defines what counts where it does not apply; in a
   * sum such prompts would have different rewards from all others.
   *
   * @param prompts the training prompts
   * @throws InvalidConfigException naming the first prompt that asks for no text, without a graph
   *     or if no prompt does
   */
  static Optional<RewardSum> of(TrainConfig config, List<Prompt> prompts) {
    RewardConfig reward = config.reward();
    if (!reward.scoresOcr()) {
      return Optional.empty();
    }
    List<Prompt> asking =
        prompts.stream().filter(prompt -> OcrTarget.of(prompt.text()).isPresent()).toList();
    if (reward.graph().isEmpty() || asking.isEmpty()) {
      requireTargets(prompts, config.data().prompts());
    }
    sayWhatCannotBeRead(asking);
    return Optional.of(Rewards.ocr(config.run().threads()).weight(reward.weight(reward.ocr())));
  }

  private static void requireTargets(List<Prompt> prompts, String source) {
    List<Prompt> without =
        prompts.stream().filter(prompt -> OcrTarget.of(prompt.text()).isEmpty()).toList();
    if (!without.isEmpty()) {
      throw new InvalidConfigException(
          ("reward.%s: %d of %d prompts of data.prompts %s name no text to draw, such as \"%s\";"
                  + " write it between two double quotes (\"), or set reward.%s.weight=0")
              .formatted(
                  OcrReward.NAME,
                  without.size(),
                  prompts.size(),
                  source,
                  Captions.beginning(without.get(0).text()),
                  OcrReward.NAME));
    }
  }

  /** Warns about characters that the reader does not know: such a text is never read completely. */
  private static void sayWhatCannotBeRead(List<Prompt> prompts) {
    Set<Integer> known = OcrTarget.letters(TextReader.characters());
    List<Prompt> beyond =
        prompts.stream().filter(prompt -> !unknown(prompt, known).isEmpty()).toList();
    if (!beyond.isEmpty()) {
      LOG.warn(
          "reward.{}: {} of {} prompts ask for characters that {} does not know, and never get a"
              + " score of 1, such as \"{}\" for {}; ask for another text",
          OcrReward.NAME,
          beyond.size(),
          prompts.size(),
          TextReader.NAME,
          Captions.beginning(beyond.get(0).text()),
          unknown(beyond.get(0), known));
    }
  }

  private static String unknown(Prompt prompt, Set<Integer> known) {
    return OcrTarget.of(prompt.text()).orElseThrow().unknown(known);
  }
}
