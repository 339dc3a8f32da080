package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.rollout.Prompt;
import java.util.List;

/** Checks for rewards that compare an image with references of its own prompt. */
final class OwnReferences {

  private OwnReferences() {}

  /**
   * @param reward the setting that requires it, as a key and its value
   * @throws InvalidConfigException naming a prompt without references
   */
  static void require(String reward, TrainConfig config, TrainingData data) {
    List<Prompt> without =
        data.prompts().stream()
            .filter(prompt -> !data.references().byPrompt().containsKey(prompt.index()))
            .toList();
    if (!without.isEmpty()) {
      throw new InvalidConfigException(
          ("%s, which compares an image with references of its own prompt, but %d of %d prompts"
                  + " have none in data.references, which is %s, such as \"%s\"; name a .json file"
                  + " with the images of each prompt")
              .formatted(
                  reward,
                  without.size(),
                  data.prompts().size(),
                  config.data().references(),
                  Captions.beginning(without.get(0).text())));
    }
  }
}
