package io.atelier.reward.adversarial;

import io.atelier.models.files.Sha256;
import io.atelier.reward.clip.Clips;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A reward that learns, by its name in the sum.
 *
 * @param name see {@link #isName}
 * @param spec what it is
 * @param critic how it learns; empty for the run's {@code critic}
 */
public record TaughtReward(String name, AdversarialSpec spec, Optional<CriticConfig> critic) {

  private static final Pattern NAMES = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  /** What a name may be, in words. */
  public static final String NAME_RULE =
      "at most 64 lower-case letters, digits and dashes, such as style";

  public TaughtReward {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "a reward that learns is called \"%s\"; take %s".formatted(name, NAME_RULE));
    }
  }

  /** Whether it begins with a letter and is as {@link #NAME_RULE} says. */
  public static boolean isName(String name) {
    return NAMES.matcher(name).matches();
  }

  /** The same with scores of places; empty if it judges none. */
  public Optional<TaughtReward> withPlaces() {
    return spec.withPlaces().map(other -> new TaughtReward(name, other, critic));
  }

  /**
   * The scoring side, for one worker.
   *
   * @param seed the run's seed
   * @param clips what the rewards of one scorer look through
   */
  public AdversarialReward reward(long seed, Clips clips) {
    return spec.reward(ownSeed(seed), clips);
  }

  /**
   * The learning side.
   *
   * @param otherwise how it learns if it does not say so itself
   * @param seed the run's seed
   */
  public Critic critic(CriticConfig otherwise, long seed, References references) {
    return spec.critic(critic.orElse(otherwise), ownSeed(seed), references);
  }

  /**
   * Two critics of a run draw different first weights, references and noise, whatever their order.
   */
  private long ownSeed(long seed) {
    return name.equals(AdversarialReward.NAME)
        ? seed
        : seed ^ Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
  }
}
