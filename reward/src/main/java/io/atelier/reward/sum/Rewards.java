package io.atelier.reward.sum;

import io.atelier.models.ocr.TextReader;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.Reward;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.AdversarialSpec;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.adversarial.PromptVectors;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.adversarial.TaughtReward;
import io.atelier.reward.artifact.ArtifactGuard;
import io.atelier.reward.artifact.ArtifactHead;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.clip.Clips;
import io.atelier.reward.feature.DiversityReward;
import io.atelier.reward.feature.FeatureSource;
import io.atelier.reward.feature.SimilarityReward;
import io.atelier.reward.ocr.OcrReward;
import io.atelier.reward.verifier.Verifier;
import io.atelier.reward.verifier.VerifierReward;
import io.atelier.rollout.ImageGroup;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The available rewards, each as a sum of one that can be weighted and added to others. */
public final class Rewards {

  private Rewards() {}

  /**
   * The discriminator on EfficientNet-Lite0 features, without prompts.
   *
   * @param encoder creates an encoder; called once for each worker and for the critic
   */
  public static RewardSum adversarial(Supplier<Encoder> encoder) {
    return adversarial(encoder, DiscriminatorConfig.lite0(), PromptVectors.none());
  }

  /**
   * The discriminator.
   *
   * @param encoder creates an encoder; called once for each worker and for the critic
   * @param config settings of the discriminator
   * @param prompts vectors of prompts, if {@code config} needs them
   */
  public static RewardSum adversarial(
      Supplier<Encoder> encoder, DiscriminatorConfig config, PromptVectors prompts) {
    return adversarial(new DiscriminatorSpec(encoder, config, prompts));
  }

  /** A trained reward, such as a {@link PickScoreSpec}. */
  public static RewardSum adversarial(AdversarialSpec spec) {
    return RewardSum.of(new TaughtReward(AdversarialReward.NAME, spec, Optional.empty()));
  }

  /**
   * One of several trained rewards, each with its own references, noise and initial weights.
   *
   * @param name under which its scores are reported: lower-case letters, digits and dashes
   * @param critic training settings
   */
  public static RewardSum adversarial(String name, AdversarialSpec spec, CriticConfig critic) {
    return RewardSum.of(new TaughtReward(name, spec, Optional.of(critic)));
  }

  /** {@code -kB / 500} of the image as a JPEG of quality 95. */
  public static RewardSum jpegCompressibility() {
    return of("jpeg", new JpegCompressibility());
  }

  /**
   * How much of a prompt's text in double quotes can be read in an image, 0 to 1.
   *
   * @param threads threads within one operation, at least 1; the scores do not depend on it
   */
  public static RewardSum ocr(int threads) {
    return of(OcrReward.NAME, () -> new OcrReward(new TextReader(threads)));
  }

  /** Variance of the Laplacian of the luma, from 0 to 16: how sharp an image is. */
  public static RewardSum sharpness() {
    return of("sharpness", new Sharpness());
  }

  /**
   * How free of artifacts an image is, by a head trained on pairs.
   *
   * @param encoder creates the encoder that the head was trained on; called once for each worker
   * @param head file of the head, read once for each worker
   */
  public static RewardSum artifact(Supplier<Encoder> encoder, Path head, ArtifactGuard guard) {
    return RewardSum.of(
        ArtifactReward.NAME,
        (seed, clips) -> new ArtifactReward(encoder.get(), ArtifactHead.load(head), guard));
  }

  /** A rule-based check, 0 to 1, which applies to some prompts only. */
  public static RewardSum check(Verifier verifier) {
    return of(verifier.name(), () -> new VerifierReward(verifier));
  }

  /**
   * The largest cosine with a reference of the prompt.
   *
   * @param source vectors that are compared
   * @param references unchanged references; the reward is absent for a prompt without any
   */
  public static RewardSum similarity(FeatureSource source, References references) {
    return RewardSum.of(
        SimilarityReward.NAME,
        (seed, clips) -> new SimilarityReward(clips.features(source), references::of));
  }

  /**
   * Distance of an image from the others of its group, 1 on average.
   *
   * @param source vectors that are compared
   */
  public static RewardSum diversity(FeatureSource source) {
    return RewardSum.of(
        DiversityReward.NAME, (seed, clips) -> new DiversityReward(clips.features(source)));
  }

  /**
   * A user-defined reward. It is called from one thread of each worker, with one group at a time.
   *
   * @param name under which its scores are reported
   */
  public static RewardSum of(String name, ImageReward reward) {
    return RewardSum.of(name, (seed, clips) -> new Simple(name, reward));
  }

  /** A user-defined reward that may be unable to score a group, or unable to score it now. */
  public static RewardSum of(String name, Supplier<Reward> reward) {
    return RewardSum.of(name, (seed, clips) -> reward.get());
  }

  /**
   * A reward on CLIPs. The rewards of one scorer share them, so that a group's images are encoded
   * once for all rewards with the same folder.
   */
  public static RewardSum onClips(String name, Function<Clips, Reward> reward) {
    return RewardSum.of(name, (seed, clips) -> reward.apply(clips));
  }

  private record Simple(String name, ImageReward reward) implements Reward {
    @Override
    public Outcome score(ImageGroup group) {
      return new Scored(reward.score(group.images(), group.prompt()), Map.of());
    }
  }
}
