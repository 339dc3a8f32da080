package io.atelier.reward.adversarial;

import io.atelier.models.optim.AdamConfig;
import java.util.Optional;

/**
 * How the adversarial reward is trained. A {@link PickScoreCritic} reads {@code adam}, {@code
 * every}, {@code trigger}, {@code headSteps} and {@code loss}; a {@link DiscriminatorCritic} all.
 *
 * @param adam optimizer of the head, or of the trained layers
 * @param every interval in learner steps, at least 1: it trains in steps 0, {@code every}, and so
 *     on; in the others it is only measured
 * @param trigger condition for training in one of these steps; empty for {@link
 *     CriticTrigger#ALWAYS} for a discriminator and {@link CriticTrigger#GENERATED_ABOVE} for a
 *     PickScore
 * @param headSteps most optimizer steps on the groups of one learner step, at least 1
 * @param globalLoss weight of the loss over whole images
 * @param localLoss weight of the loss over places
 * @param places places of each map drawn for each image in each head step; 0 for all that were kept
 * @param featureNoise standard deviation of normal noise added to normalised features in training,
 *     of references and generated images alike; 0 for none
 * @param wrongPrompt share, 0 to 1, of the negatives' loss that comes from references judged under
 *     another reference's prompt; has an effect only for a head that sees prompts
 * @param skipAbove head steps of a learner step stop once the accuracy on its own images, without
 *     feature noise and replayed images, is above this; 1 never stops them
 * @param ownPrompt share of a group's references that are drawn from those of its own prompt, if
 *     there are any; the others are drawn from the whole set
 * @param replayCapacity number of generated images kept for replay, the newest ones; 0 for none
 * @param replayShare replayed images in each learner step, as a share of its new ones
 * @param statisticsImages references over which features are standardised, drawn once, at least 2
 * @param loss loss of the critic; empty for {@link CriticLoss#HINGE} for a discriminator and {@link
 *     CriticLoss#LOGISTIC} for a PickScore
 */
public record CriticConfig(
    AdamConfig adam,
    int every,
    Optional<CriticTrigger> trigger,
    int headSteps,
    double globalLoss,
    double localLoss,
    int places,
    double featureNoise,
    double wrongPrompt,
    double skipAbove,
    double ownPrompt,
    int replayCapacity,
    double replayShare,
    int statisticsImages,
    Optional<CriticLoss> loss) {

  public CriticConfig {
    require(every >= 1, "every %s must be at least 1", every);
    require(headSteps >= 1, "head-steps %s must be at least 1", headSteps);
    require(finite(globalLoss), "global-loss %s must be finite and not negative", globalLoss);
    require(finite(localLoss), "local-loss %s must be finite and not negative", localLoss);
    require(globalLoss + localLoss > 0, "global-loss and local-loss are both 0%s", "");
    require(places >= 0, "places %s must not be negative", places);
    require(finite(featureNoise), "feature-noise %s must be finite and not negative", featureNoise);
    require(wrongPrompt >= 0 && wrongPrompt <= 1, "wrong-prompt %s must be 0 to 1", wrongPrompt);
    require(skipAbove > 0.5 && skipAbove <= 1, "skip-above %s must be in (0.5, 1]", skipAbove);
    require(ownPrompt >= 0 && ownPrompt <= 1, "own-prompt %s must be 0 to 1", ownPrompt);
    require(replayCapacity >= 0, "replay-capacity %s must not be negative", replayCapacity);
    require(finite(replayShare), "replay-share %s must be finite and not negative", replayShare);
    require(
        replayShare > 0 == replayCapacity > 0,
        "replay-share %s and replay-capacity must be both 0 or both positive",
        replayShare);
    require(statisticsImages >= 2, "statistics-images %s must be at least 2", statisticsImages);
  }

  private static boolean finite(double value) {
    return Double.isFinite(value) && value >= 0;
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(value));
    }
  }
}
