package io.atelier.actors.api;

import com.typesafe.config.ConfigUtil;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.run.folder.AmendmentFile;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.TaughtReward;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Which configuration values of a run may change from a step on, and which do. */
final class RunAmendments {

  private RunAmendments() {}

  /** The keys that may be amended. */
  static Amendable amendable(TrainConfig config, ComputeFactory compute) {
    TreeSet<String> keys = new TreeSet<>(List.of(Amendable.LEARNING_RATE));
    List<String> critics = compute.reward().taught().stream().map(TaughtReward::name).toList();
    boolean configured = config.reward().supplied().isEmpty();
    if (configured && critics.equals(List.of(AdversarialReward.NAME))) {
      keys.add(Amendable.CRITIC_EVERY);
    }
    // a graph contains its weights; whether a group is flat is decided before its step begins
    if (compute.reward().graph().isEmpty() && compute.compute().flatReplacements() == 0) {
      List<String> scored = compute.reward().names();
      config.tree().entrySet().stream()
          .map(entry -> ConfigUtil.splitPath(entry.getKey()))
          .map(path -> String.join(".", path))
          .filter(key -> Amendable.name(key).filter(scored::contains).isPresent())
          .forEach(keys::add);
    }
    return new Amendable(keys);
  }

  /**
   * The amendments of a run: those in its folder, or for a new run those of {@code run.amendments},
   * which are written to the folder.
   */
  static List<Amendment> of(
      RunFolder folder, TrainConfig config, Amendable amendable, boolean begins) {
    Path own = folder.files().amendments();
    if (begins && Files.notExists(own) && !config.run().amendments().isEmpty()) {
      Path given = Path.of(config.run().amendments());
      if (Files.notExists(given)) {
        throw new InvalidConfigException(
            "run.amendments: %s does not exist; name the amendments.jsonl of a run"
                .formatted(given));
      }
      folder.amend(checked(given, amendable));
    }
    return checked(own, amendable);
  }

  private static List<Amendment> checked(Path file, Amendable amendable) {
    List<Amendment> amendments = AmendmentFile.read(file);
    for (Amendment amendment : amendments) {
      Optional<String> refusal = amendable.refuse(amendment.key(), amendment.value());
      if (refusal.isPresent()) {
        throw new InvalidConfigException("%s: %s".formatted(file, refusal.get()));
      }
    }
    return amendments;
  }
}
