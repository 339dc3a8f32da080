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
 * A discriminator on frozen features.
 *
 * @param encoder makes an encoder; called on the thread that will own it, and once or more to plan.
 *     Rewards of one scorer with the same maker share an encoder and its pass over a group
 * @param config what the discriminator sees
 * @param prompts vectors of prompts, if the head sees them
 * @param prior if {@code config} names one
 * @param places whether scores have those of places beside them
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

  /** Pixels of an image that is only encoded to see what comes out; any size is brought to one. */
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

  /** Lets go of the encoder where what is to own it cannot be made. */
  private static <T> T withEncoder(Supplier<Encoder> encoder, Function<Encoder, T> owner) {
    Encoder own = encoder.get();
    try {
      return owner.apply(own);
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  /** Encodes a black image: what an ONNX file gives is not known before. */
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

  /** Parameters of one head; encodes a black image, too. */
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
   * About the bytes that a critic keeps of features in the JVM: of references, and of images that
   * are shown again.
   *
   * @param images references there are
   * @param featureBytes as {@link #featureBytes} gave it
   */
  public static long keptBytes(CriticConfig critic, int images, long featureBytes) {
    return Math.min(ReferenceFeatures.KEPT_BYTES, images * featureBytes)
        + critic.replayCapacity() * featureBytes;
  }
}
