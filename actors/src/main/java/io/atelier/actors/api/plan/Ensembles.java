package io.atelier.actors.api.plan;

import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.EnsembleConfig;
import io.atelier.reward.adversarial.TaughtReward;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Describes each critic with several heads. */
final class Ensembles {

  private Ensembles() {}

  /**
   * A line for each; may run its encoder.
   *
   * @param taught the rewards that learn
   */
  static List<String> lines(List<TaughtReward> taught) {
    List<String> lines = new ArrayList<>();
    for (TaughtReward reward : taught) {
      if (reward.spec() instanceof DiscriminatorSpec spec && spec.config().ensemble().several()) {
        EnsembleConfig ensemble = spec.config().ensemble();
        lines.add(
            String.format(
                Locale.ROOT,
                "members     the critic of %s has %d heads of %.2f M parameters each on one encoder pass; each learns from %s of the references; their %s is the reward",
                reward.name(),
                ensemble.members(),
                spec.headParameters() / 1e6,
                ensemble.bootstrap(),
                ensemble.aggregate().name().toLowerCase(Locale.ROOT).replace('_', '-')));
      }
    }
    return lines;
  }
}
