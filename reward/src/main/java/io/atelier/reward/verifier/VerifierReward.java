package io.atelier.reward.verifier;

import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;
import java.util.Optional;

/** The score of a {@link Verifier}, 0 to 1; absent if it does not apply. */
public final class VerifierReward implements Reward {

  private final Verifier verifier;

  public VerifierReward(Verifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return verifier.name();
  }

  @Override
  public Outcome score(ImageGroup group) {
    Optional<Verifier.Check> check = verifier.check(group.prompt());
    if (check.isEmpty()) {
      return new Absent("prompt \"%s\" %s".formatted(group.prompt().text(), verifier.lacking()));
    }
    float[] scores = new float[group.images().count()];
    for (int n = 0; n < scores.length; n++) {
      scores[n] = (float) check.get().measure().of(group.images(), n);
    }
    return new Scored(scores, Map.of());
  }
}
