package io.atelier.actors.api.assembly;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.FrozenReward;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.safetensors.SafetensorsException;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the rewards on frozen CLIPs that a configuration names. */
final class FrozenRewards {

  private static final Logger LOG = LoggerFactory.getLogger(FrozenRewards.class);

  private static final int BATCH = EncoderConfig.DEFAULT.batch();

  private FrozenRewards() {}

  /** Creates those that are scored. Errors in their files are found here. */
  static List<RewardSum> of(TrainConfig config, ClipFolders clips) {
    List<RewardSum> rewards = new ArrayList<>();
    for (FrozenReward frozen : config.reward().frozen()) {
      if (config.reward().scores(frozen)) {
        rewards.add(of(frozen, clips).weight(config.reward().weight(frozen.weight())));
      } else if (!config.reward().isPrior(frozen.kind().key())
          && (!frozen.model().isEmpty() || !frozen.head().isEmpty())) {
        String name = frozen.kind().key();
        if (config.reward().graph().isPresent()) {
          LOG.warn(
              "reward.{} is left out: reward.graph does not name it; leave its files out", name);
        } else {
          LOG.warn(
              "reward.{} is left out: its weight is 0; set reward.{}.weight, or leave its files out",
              name,
              name);
        }
      }
    }
    return rewards;
  }

  /** Creates one of them, scored or not. */
  static RewardSum of(FrozenReward frozen, ClipFolders clips) {
    String name = frozen.kind().key();
    try {
      return Rewards.onClips(name, maker(frozen, clips));
    } catch (IllegalArgumentException | SafetensorsException | TokenizerException e) {
      throw new InvalidConfigException("reward.%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static Function<Clips, Reward> maker(FrozenReward frozen, ClipFolders clips) {
    ClipFolder folder = clips.of("model", frozen.model());
    String name = frozen.kind().key();
    return switch (frozen.kind()) {
      case PICKSCORE -> fit(name, folder, clips, Formula.PICKSCORE);
      case CLIP_SCORE -> fit(name, folder, clips, Formula.CLIP_SCORE);
      case HPSV2 -> fit(name, folder, clips, Formula.HPSV2);
      case AESTHETIC -> {
        AestheticHead head = new AestheticHead(Path.of(frozen.head()), folder.width());
        yield open -> new AestheticReward(name, open.of(folder, BATCH), head);
      }
    };
  }

  private static Function<Clips, Reward> fit(
      String name, ClipFolder folder, ClipFolders clips, Formula formula) {
    clips.sayWhatIsCut("reward." + name, folder);
    return open -> new TextImageReward(name, formula, open.of(folder, BATCH));
  }
}
