package io.atelier.reward.adversarial;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The discriminator as a reward: by default its raw logit, since a squashed one may leave nothing
 * to choose between within a group. Its parts are {@code global} and {@code local}; features that
 * are handed on are augmented if the configuration says so, and of their places those that are
 * kept.
 */
public final class DiscriminatorReward implements AdversarialReward {

  // Streams of one image: the place where others have the denoising step. Of 0 is the group's.
  private static final int AUGMENTATION = 1;
  private static final int KEPT = 2;

  private final DiscriminatorConfig config;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final PromptVectors prompts;
  private Optional<Discriminator> discriminator = Optional.empty();

  /**
   * @param seed the run's seed
   * @param encoder taken over
   */
  public DiscriminatorReward(
      DiscriminatorConfig config, long seed, Encoder encoder, PromptVectors prompts) {
    this.config = config;
    this.noise = new GroupNoise(seed);
    this.encoder = encoder;
    this.prompts = prompts;
  }

  @Override
  public Held load(NamedTensors critic) {
    NamedTensors before =
        discriminator.map(Discriminator::weights).orElseGet(() -> new NamedTensors(Map.of()));
    Discriminator loaded = Discriminator.of(config, critic);
    discriminator.ifPresent(Discriminator::close);
    discriminator = Optional.of(loaded);
    return Held.of(before, loaded.weights());
  }

  @Override
  public NamedTensors weights() {
    return loaded().weights();
  }

  private Discriminator loaded() {
    return discriminator.orElseThrow(
        () -> new IllegalStateException("no critic weights were loaded before scoring"));
  }

  @Override
  public Judged judge(ImageGroup group, Runnable encoded) {
    Discriminator judge = loaded();
    NamedTensors views = encode(group.images());
    NamedTensors kept =
        FeatureBatch.kept(
            augmented(group).orElse(views),
            config.keptPlaces(),
            n -> noise.stream(Purpose.CRITIC_SCORE, group.id(), n, KEPT));
    encoded.run();
    float[][] condition = new float[config.conditionWidth() > 0 ? group.images().count() : 0][];
    Arrays.fill(condition, config.conditionWidth() > 0 ? prompts.of(group.prompt().index()) : null);
    Places places = Places.scored(config, noise, group.id());
    Discriminator.Scores scores =
        judge.score(new FeatureBatch(group.images().count(), views, condition), places);
    Scored scored =
        new Scored(scores.total(), Map.of("global", scores.global(), "local", scores.local()));
    return new Judged(scored, new GroupFeatures(group.id(), group.prompt(), kept));
  }

  /** Features of the images as the critic is to see them; empty if that is as they are. */
  private Optional<NamedTensors> augmented(ImageGroup group) {
    if (!config.augmentation().active()) {
      return Optional.empty();
    }
    return Optional.of(
        encode(
            Augmentation.apply(
                config.augmentation(),
                group.images(),
                n -> noise.stream(Purpose.CRITIC_SCORE, group.id(), n, AUGMENTATION))));
  }

  private NamedTensors encode(Images images) {
    return FeatureBatch.views(config, encoder.encode(images));
  }

  @Override
  public void close() {
    discriminator.ifPresent(Discriminator::close);
    encoder.close();
  }
}
