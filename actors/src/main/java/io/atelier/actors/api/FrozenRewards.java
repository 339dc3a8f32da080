package io.atelier.actors.api;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.FrozenReward;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.TokenizerException;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.reward.Reward;
import io.atelier.reward.clip.AestheticHead;
import io.atelier.reward.clip.AestheticReward;
import io.atelier.reward.clip.Clips;
import io.atelier.reward.clip.TextImageReward;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the rewards on frozen CLIPs that a configuration names. */
final class FrozenRewards {

  private static final Logger LOG = LoggerFactory.getLogger(FrozenRewards.class);

  private static final int BATCH = EncoderConfig.DEFAULT.batch();

  private FrozenRewards() {}

  /**
   * Those of positive weight. What is wrong with their files is found here.
   *
   * @param judge what the evaluation measures by, if it does
   */
  static List<RewardSum> of(
      TrainConfig config, List<Prompt> prompts, Optional<Encoders.Found> judge) {
    List<RewardSum> rewards = new ArrayList<>();
    Map<String, ClipFolder> folders = new HashMap<>();
    for (FrozenReward frozen : config.reward().frozen()) {
      if (frozen.weight() > 0) {
        String name = frozen.kind().key();
        try {
          ClipFolder folder = folders.computeIfAbsent(frozen.model(), FrozenRewards::open);
          judge.ifPresent(other -> requireOther("model", frozen.model(), folder, other, config));
          rewards.add(
              Rewards.onClips(name, maker(frozen, folder, prompts)).weight(frozen.weight()));
        } catch (IllegalArgumentException | SafetensorsException | TokenizerException e) {
          throw new InvalidConfigException("reward.%s: %s".formatted(name, e.getMessage()), e);
        }
      } else if (!frozen.model().isEmpty() || !frozen.head().isEmpty()) {
        LOG.warn(
            "reward.{} is left out: its weight is 0; set reward.{}.weight, or leave its files out",
            frozen.kind().key(),
            frozen.kind().key());
      }
    }
    return rewards;
  }

  /** A CLIP that was looked at as a whole. */
  static ClipFolder open(String path) {
    ClipFolder folder = ClipFolder.open(Path.of(path));
    folder.requireFinite();
    return folder;
  }

  private static Function<Clips, Reward> maker(
      FrozenReward frozen, ClipFolder folder, List<Prompt> prompts) {
    return switch (frozen.kind()) {
      case PICKSCORE -> fit(frozen, folder, prompts, Formula.PICKSCORE);
      case CLIP_SCORE -> fit(frozen, folder, prompts, Formula.CLIP_SCORE);
      case HPSV2 -> fit(frozen, folder, prompts, Formula.HPSV2);
      case AESTHETIC -> {
        AestheticHead head = new AestheticHead(Path.of(frozen.head()), folder.width());
        String name = frozen.kind().key();
        yield clips -> new AestheticReward(name, clips.of(folder, BATCH), head);
      }
    };
  }

  private static Function<Clips, Reward> fit(
      FrozenReward frozen, ClipFolder folder, List<Prompt> prompts, Formula formula) {
    String name = frozen.kind().key();
    sayWhatIsCut(name, folder, prompts);
    return clips -> new TextImageReward(name, formula, clips.of(folder, BATCH));
  }

  static void requireOther(
      String key, String model, ClipFolder folder, Encoders.Found judge, TrainConfig config) {
    if (!Collections.disjoint(Encoders.weights(folder.files()), judge.weights())) {
      throw new IllegalArgumentException(
          "%s %s is the same network as evaluation.encoder, which is %s; name another for one of them"
              .formatted(key, model, config.evaluation().encoder().name()));
    }
  }

  /** As the reference, a CLIP reads the beginning of a prompt that is too long. */
  static void sayWhatIsCut(String name, ClipFolder folder, List<Prompt> prompts) {
    ClipTokenizer tokenizer = ClipTokenizer.load(folder.tokenizer());
    int room = folder.text().positions();
    List<Prompt> cut =
        prompts.stream().filter(prompt -> !tokenizer.fits(prompt.text(), room)).toList();
    if (!cut.isEmpty()) {
      LOG.warn(
          "reward.{} reads the first {} tokens of a prompt: {} of {} prompts have more, such as"
              + " \"{}\"",
          name,
          room,
          cut.size(),
          prompts.size(),
          Captions.beginning(cut.get(0).text()));
    }
  }
}
