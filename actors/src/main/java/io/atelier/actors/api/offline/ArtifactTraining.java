package io.atelier.actors.api.offline;

import io.atelier.actors.api.assembly.ArtifactRewards;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.compute.ArtifactPairs;
import io.atelier.actors.compute.ArtifactPairs.Kind;
import io.atelier.actors.compute.PairKind;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.ArtifactConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.artifact.ArtifactHead;
import io.atelier.reward.artifact.Damage;
import io.atelier.reward.artifact.HeadTraining;
import io.atelier.reward.artifact.HeadTraining.Progress;
import io.atelier.reward.artifact.PairReport;
import io.atelier.reward.artifact.PairSet;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.noise.GroupNoise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Trains a head for {@code reward.artifact} on pairs of clean and damaged images, and measures how
 * well it tells them apart.
 *
 * @param config names references, encoder and model
 * @param synthetic whether references are damaged to make pairs
 * @param leftOut kinds of damage that are only tested
 * @param pairs files of pairs to train on
 * @param tests files of pairs to test on
 * @param vectors outputs of the encoder that the head sees
 * @param statistics maps of the encoder of which it sees mean and standard deviation
 * @param training how it learns
 * @param seed of all randomness
 */
public record ArtifactTraining(
    TrainConfig config,
    boolean synthetic,
    Set<Damage> leftOut,
    Map<PairKind, Path> pairs,
    List<Path> tests,
    List<String> vectors,
    List<String> statistics,
    HeadTraining training,
    long seed) {

  /** The option for test files, for messages. */
  public static final String TEST = "--test";

  /**
   * Accuracy of a head on images that it was not trained on.
   *
   * @param trained whether it was trained on other images with the same damage or of the same file
   * @param unseen accuracy of a head trained on the same data except this kind; empty if there is
   *     no such head, or this is one
   */
  public record Tested(boolean trained, PairReport report, OptionalDouble unseen) {}

  /**
   * Trains and writes a head.
   *
   * @param out file of the head
   * @return its accuracy on each kind of damage and each file
   */
  public List<Tested> run(Path out, Progress progress) {
    Encoders.Found found =
        ArtifactRewards.encoder(
            config,
            vectors,
            statistics,
            Optional.of(Assembly.heldOutEncoder(config, config.run().threads())));
    DiscriminatorConfig sees = new ArtifactHead.View("", vectors, statistics).config();
    Assembly.checked(
        ArtifactConfig.SECTION, () -> sees.requireOutputs(found.vectors(), found.maps()));
    Torch.enter(false);
    RewardSum others = Rewards.jpegCompressibility().plus(Rewards.sharpness());
    GroupNoise noise = new GroupNoise(seed);
    try (Encoder encoder = found.open().get();
        GroupScorer scorer = others.scorer(seed)) {
      ArtifactHead.View view = new ArtifactHead.View(encoder.id(), vectors, statistics);
      List<Kind> kinds;
      try {
        kinds = kinds(new ArtifactPairs(view, encoder, scorer, noise));
      } catch (IllegalArgumentException e) {
        throw new InvalidConfigException(e.getMessage(), e);
      }
      List<PairSet> trained = kinds.stream().flatMap(kind -> kind.trained().stream()).toList();
      try (ArtifactHead head = training.train(view, trained, noise, progress)) {
        head.save(out);
        List<Tested> tested = new ArrayList<>();
        for (Kind kind : kinds) {
          PairReport report = PairReport.of(head, kind.tested());
          tested.add(
              new Tested(kind.trained().isPresent(), report, unseen(view, trained, kind, noise)));
        }
        return tested;
      }
    }
  }

  private OptionalDouble unseen(
      ArtifactHead.View view, List<PairSet> trained, Kind kind, GroupNoise noise) {
    List<PairSet> others =
        trained.stream().filter(set -> set != kind.trained().orElse(null)).toList();
    if (kind.trained().isEmpty() || others.isEmpty()) {
      return OptionalDouble.empty();
    }
    try (ArtifactHead head = training.train(view, others, noise, (step, loss) -> {})) {
      return OptionalDouble.of(PairReport.of(head, kind.tested()).head().accuracy());
    }
  }

  private List<Kind> kinds(ArtifactPairs images) {
    List<Kind> kinds = new ArrayList<>();
    if (synthetic) {
      kinds.addAll(
          images.damaged(
              Assembly.model(config.model().path(), ModelTypes.DEFAULT),
              Assembly.data(config).references().images(),
              config.data().throughVae(),
              leftOut,
              config.run().threads()));
    }
    pairs.forEach((kind, file) -> kinds.add(images.split(kind, file)));
    tests.forEach(file -> kinds.add(images.tested(TEST, file)));
    return kinds;
  }
}
