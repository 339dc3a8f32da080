package io.atelier.actors.api.plan;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.reward.FrozenReward;
import io.atelier.actors.config.reward.PlainReward;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.ocr.TextReader;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.ocr.OcrReward;
import java.util.ArrayList;
import java.util.List;

/** The files that the rewards of a run need. */
final class RewardNeeds {

  private RewardNeeds() {}

  /** A line for each scored reward that needs a file. */
  static List<String> lines(TrainConfig config) {
    RewardConfig reward = config.reward();
    List<String> lines = new ArrayList<>();
    for (AdversarialConfig part : reward.learned()) {
      String name = part.encoder().name();
      lines.add(
          part.kind() == AdversarialKind.PICKSCORE
              ? "%s: %s, %s".formatted(part.name(), folder(name), references(config))
              : "%s: %s, the images of data.references".formatted(part.name(), encoder(name)));
    }
    for (FrozenReward part : reward.frozen()) {
      if (reward.scores(part)) {
        lines.add(
            "%s: %s%s"
                .formatted(
                    part.kind().key(),
                    folder(part.model()),
                    part.head().isEmpty() ? "" : ", the head " + part.head()));
      }
    }
    if (reward.scoresOcr()) {
      lines.add("%s: %s, which is among the libraries".formatted(OcrReward.NAME, TextReader.NAME));
    }
    for (PlainReward part : reward.scoredPlain()) {
      if (part.kind().readsFeatures()) {
        lines.add(
            "%s: %s%s"
                .formatted(
                    part.kind().key(),
                    encoder(reward.features().encoder().name()),
                    part.kind() == PlainReward.Kind.SIMILARITY ? ", " + references(config) : ""));
      }
    }
    if (reward.asksArtifact()) {
      lines.add(
          "%s: %s, the head %s"
              .formatted(
                  ArtifactReward.NAME,
                  encoder(reward.artifact().encoder().name()),
                  reward.artifact().head()));
    }
    return lines;
  }

  private static String encoder(String name) {
    String where = Encoders.isEmbedded(name) ? ", embedded" : "";
    return "the encoder %s%s".formatted(name, Encoders.isOfModel(name) ? ", of the model" : where);
  }

  private static String folder(String path) {
    return "the CLIP in " + path;
  }

  private static String references(TrainConfig config) {
    return "references of each prompt, %s".formatted(config.data().references());
  }
}
