package io.atelier.reward.adversarial;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.PlaceLogits;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The discriminator as a reward: by default its raw logit, since a saturated sigmoid may not
 * distinguish the images of a group. Its parts are {@code global} and {@code local}, {@code prior}
 * if there is one, and {@code member.<k>} for several members. Features returned for training are
 * augmented if the configuration says so, and reduced to the kept places. The prior scores the
 * unchanged images.
 */
public final class DiscriminatorReward implements AdversarialReward {

  // Random streams of one image, by the index that elsewhere is the denoising step. 0 is the
  // group's.
  private static final int AUGMENTATION = 1;
  private static final int KEPT = 2;

  private final DiscriminatorConfig config;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final PromptVectors prompts;
  private final Optional<Reward> prior;
  private final boolean places;
  private Optional<Ensemble> ensemble = Optional.empty();

  /**
   * Without a prior.
   *
   * @param seed the run's seed
   * @param encoder closed with this
   */
  public DiscriminatorReward(
      DiscriminatorConfig config, long seed, Encoder encoder, PromptVectors prompts) {
    this(config, seed, encoder, prompts, Optional.empty(), false);
  }

  /**
   * @param seed the run's seed
   * @param encoder closed with this
   * @param prior prior, if {@code config} names one; closed with this
   * @param places whether scores include those of places
   */
  DiscriminatorReward(
      DiscriminatorConfig config,
      long seed,
      Encoder encoder,
      PromptVectors prompts,
      Optional<Reward> prior,
      boolean places) {
    this.config = config;
    this.noise = new GroupNoise(seed);
    this.encoder = encoder;
    this.prompts = prompts;
    this.prior = prior;
    this.places = places;
  }

  @Override
  public Held load(NamedTensors critic) {
    NamedTensors before =
        ensemble.map(Ensemble::weights).orElseGet(() -> new NamedTensors(Map.of()));
    Ensemble loaded = Ensemble.of(config, critic);
    ensemble.ifPresent(Ensemble::close);
    ensemble = Optional.of(loaded);
    return Held.of(before, loaded.weights());
  }

  @Override
  public NamedTensors weights() {
    return loaded().weights();
  }

  private Ensemble loaded() {
    return ensemble.orElseThrow(
        () -> new IllegalStateException("no critic weights were loaded before scoring"));
  }

  @Override
  public Judged judge(ImageGroup group, Runnable encoded) {
    Ensemble judge = loaded();
    Optional<Outcome> before = prior.map(own -> Prior.score(own, group));
    if (before.isPresent() && !(before.get() instanceof Scored)) {
      return new Judged(named(before.get()), Optional.empty());
    }
    NamedTensors plain = encode(group.images());
    NamedTensors views = withPrior(plain, before);
    NamedTensors kept =
        FeatureBatch.kept(
            augmented(group).map(own -> withPrior(own, before)).orElse(views),
            config.keptPlaces(),
            n -> noise.stream(Purpose.CRITIC_SCORE, group.id(), n, KEPT));
    encoded.run();
    float[][] condition = new float[config.conditionWidth() > 0 ? group.images().count() : 0][];
    Arrays.fill(condition, config.conditionWidth() > 0 ? prompts.of(group.prompt().index()) : null);
    Places drawn = Places.scored(config, noise, group.id());
    FeatureBatch batch = new FeatureBatch(group.images().count(), views, condition);
    Ensemble.Scores scores = judge.score(batch, drawn);
    float[] byPlace = places ? PlaceScores.mean(judge.places(batch)) : new float[0];
    return new Judged(
        new Scored(scores.total(), scores.parts(), byPlace),
        Optional.of(new GroupFeatures(group.id(), group.prompt(), kept)),
        shown(scores.places(), batch.count()));
  }

  private static SortedMap<String, PlaceLogits> shown(
      SortedMap<String, float[]> places, int images) {
    SortedMap<String, PlaceLogits> shown = new TreeMap<>();
    places.forEach(
        (map, logits) ->
            PlaceScores.shown(logits, images).ifPresent(place -> shown.put(map, place)));
    return shown;
  }

  /**
   * Returns the logits of each place of images, by map, (n, {@link
   * io.atelier.rollout.PlaceGrid#COUNT}); their mean over maps is the scores of places.
   */
  public SortedMap<String, float[]> places(Images images) {
    return loaded().places(new FeatureBatch(images.count(), encode(images), new float[0][]));
  }

  /** Adds the prior's scores to the views; unchanged without a prior. */
  private static NamedTensors withPrior(NamedTensors views, Optional<Outcome> prior) {
    if (prior.isEmpty()) {
      return views;
    }
    float[] scores = ((Scored) prior.get()).total();
    return FeatureBatch.withPrior(views, new Tensor(new long[] {scores.length, 1}, scores));
  }

  /** Returns the outcome without scores, with the prior's name in its reason. */
  private Outcome named(Outcome outcome) {
    String name = "prior %s: ".formatted(prior.orElseThrow().name());
    if (outcome instanceof RetryLater later) {
      return new RetryLater(name + later.reason());
    }
    return new Unscorable(name + ((Unscorable) outcome).reason());
  }

  /**
   * Returns features of the augmented images to train the critic on; empty without augmentation.
   */
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
    ensemble.ifPresent(Ensemble::close);
    prior.ifPresent(Reward::close);
    encoder.close();
  }
}
