package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.clip.Clips;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Recipe of a discriminator on frozen features.
 *
 * @param encoder creates an encoder; called on the thread that will own it, and at least once for
 *     planning. Rewards of one scorer with the same supplier share an encoder and its pass over a
 *     group
 * @param config settings of the discriminator
 * @param prompts vectors of prompts, if the head sees them
 * @param prior prior, if {@code config} names one
 * @param places whether scores include those of places
 */
public record DiscriminatorSpec(
    Supplier<Encoder> encoder,
    DiscriminatorConfig config,
    PromptVectors prompts,
    Optional<Prior> prior,
    boolean places)
    implements AdversarialSpec {

  public DiscriminatorSpec {
    if (prior.isPresent() != config.residual().isPresent()) {
      throw new IllegalArgumentException(
          "the discriminator has %s, but its configuration is %s; give both or neither"
              .formatted(
                  prior.isPresent() ? "a prior" : "no prior",
                  config.residual().map(r -> "that of \"" + r.prior() + "\"").orElse("for none")));
    }
  }

  /** Without scores of places. */
  public DiscriminatorSpec(
      Supplier<Encoder> encoder,
      DiscriminatorConfig config,
      PromptVectors prompts,
      Optional<Prior> prior) {
    this(encoder, config, prompts, prior, false);
  }

  /** Without a prior. */
  public DiscriminatorSpec(
      Supplier<Encoder> encoder, DiscriminatorConfig config, PromptVectors prompts) {
    this(encoder, config, prompts, Optional.empty());
  }

  @Override
  public Optional<AdversarialSpec> withPlaces() {
    return config.maps().isEmpty()
        ? Optional.empty()
        : Optional.of(new DiscriminatorSpec(encoder, config, prompts, prior, true));
  }

  /**
   * Side in pixels of an image that is encoded only to learn the output shapes; encoders resize
   * their input.
   */
  private static final int SIDE = 32;

  @Override
  public DiscriminatorReward reward(long seed) {
    return reward(seed, encoder);
  }

  @Override
  public DiscriminatorReward reward(long seed, Clips clips) {
    return reward(seed, () -> clips.encoder(encoder));
  }

  private DiscriminatorReward reward(long seed, Supplier<Encoder> opened) {
    return withEncoder(
        opened,
        own ->
            new DiscriminatorReward(
                config, seed, own, prompts, prior.map(recipe -> recipe.reward().get()), places));
  }

  @Override
  public DiscriminatorCritic critic(CriticConfig critic, long seed, References references) {
    return withEncoder(
        encoder,
        own -> new DiscriminatorCritic(critic, config, seed, own, references, prompts, prior));
  }

  /** Closes the encoder if its owner cannot be created. */
  private static <T> T withEncoder(Supplier<Encoder> encoder, Function<Encoder, T> owner) {
    Encoder own = encoder.get();
    try {
      return owner.apply(own);
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  /** Encodes a black image, since the output shapes of an ONNX file are not known before. */
  @Override
  public long featureBytes() {
    long values = 0;
    for (Tensor view : views().asMap().values()) {
      long[] shape = view.shape();
      values +=
          shape.length < 3
              ? view.values().length
              : Math.min(shape[1], config.keptPlaces()) * shape[2];
    }
    return Float.BYTES * (values + (prior.isPresent() ? 1 : 0));
  }

  /** Returns the number of parameters of one head; also encodes a black image. */
  public long headParameters() {
    return Discriminator.parameters(config, views());
  }

  private NamedTensors views() {
    try (Encoder open = encoder.get()) {
      Images black = new Images(1, SIDE, SIDE, new byte[Images.bytes(1, SIDE, SIDE)]);
      return FeatureBatch.views(config, open.encode(black));
    }
  }

  /**
   * Returns an estimate of the bytes of features that a critic keeps in the JVM: of references and
   * of replayed images.
   *
   * @param images number of references
   * @param featureBytes result of {@link #featureBytes}
   */
  public static long keptBytes(CriticConfig critic, int images, long featureBytes) {
    return Math.min(ReferenceFeatures.KEPT_BYTES, images * featureBytes)
        + critic.replayCapacity() * featureBytes;
  }
}
