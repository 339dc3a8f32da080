package io.atelier.reward.adversarial;

import io.atelier.models.files.Sha256;
import io.atelier.reward.clip.Clips;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A trained reward, with its name in the sum.
 *
 * @param name see {@link #isName}
 * @param spec recipe of the reward
 * @param critic training settings; empty for the run's {@code critic}
 */
public record TaughtReward(String name, AdversarialSpec spec, Optional<CriticConfig> critic) {

  private static final Pattern NAMES = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  /** Rule for names, as quoted in messages. */
  public static final String NAME_RULE =
      "at most 64 lower-case letters, digits and dashes, such as style";

  public TaughtReward {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "a reward that learns is called \"%s\"; take %s".formatted(name, NAME_RULE));
    }
  }

  /** Whether the name begins with a letter and follows {@link #NAME_RULE}. */
  public static boolean isName(String name) {
    return NAMES.matcher(name).matches();
  }

  /** Returns the same with scores of places; empty if it does not judge places. */
  public Optional<TaughtReward> withPlaces() {
    return spec.withPlaces().map(other -> new TaughtReward(name, other, critic));
  }

  /**
   * Creates the scoring side, for one worker.
   *
   * @param seed the run's seed
   * @param clips networks shared by the rewards of one scorer
   */
  public AdversarialReward reward(long seed, Clips clips) {
    return spec.reward(ownSeed(seed), clips);
  }

  /**
   * Creates the training side.
   *
   * @param otherwise training settings if it has none of its own
   * @param seed the run's seed
   */
  public Critic critic(CriticConfig otherwise, long seed, References references) {
    return spec.critic(critic.orElse(otherwise), ownSeed(seed), references);
  }

  /**
   * Returns a seed by name, so that two critics of a run draw different initial weights, references
   * and noise, in any order.
   */
  private long ownSeed(long seed) {
    return name.equals(AdversarialReward.NAME)
        ? seed
        : seed ^ Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
  }
}
