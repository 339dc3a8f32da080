package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.text.TokenizerException;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import java.util.Optional;

/** Creates the reward that is a CLIP whose last layers learn. */
final class AdversarialPickScore {

  private AdversarialPickScore() {}

  /** Creates the reward. Errors in its files or in the references are found here. */
  static RewardSum of(
      AdversarialConfig part, TrainConfig config, TrainingData data, ClipFolders clips) {
    OwnReferences.require(part.section() + ".kind is pickscore", config, data);
    requireLoss(part);
    try {
      ClipFolder clip = clips.of("encoder", part.encoder().name());
      PickScoreSpec spec = new PickScoreSpec(clip, part.trainedLayers());
      clips.sayWhatIsCut(part.section(), clip);
      return Rewards.adversarial(part.name(), spec, part.critic());
    } catch (IllegalArgumentException | SafetensorsException | TokenizerException e) {
      throw new InvalidConfigException(part.section() + ": " + e.getMessage(), e);
    }
  }

  /** The hinge loss does not fit: logits are about 20, whatever the image. */
  private static void requireLoss(AdversarialConfig part) {
    if (part.critic().loss().equals(Optional.of(CriticLoss.HINGE))) {
      throw new InvalidConfigException(
          part.criticSection()
              + ".loss is hinge, with which a PickScore, whose logits are about 20, would learn from"
              + " no reference; set it to logistic or cross-entropy");
    }
  }
}
