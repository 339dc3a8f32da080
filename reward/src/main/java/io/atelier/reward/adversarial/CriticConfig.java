package io.atelier.reward.adversarial;

import io.atelier.models.optim.AdamConfig;
import java.util.Optional;

/**
 * How the adversarial reward learns. A {@link PickScoreCritic} reads {@code adam}, {@code every},
 * {@code trigger}, {@code headSteps} and {@code loss}; a {@link DiscriminatorCritic} all.
 *
 * @param adam optimizer of the head, or of the layers that learn
 * @param every learner steps from one that it learns from to the next, at least 1: it learns from
 *     steps 0, {@code every} and so on, and in the others is only measured
 * @param trigger when it learns from one of them; empty for {@link CriticTrigger#ALWAYS} of a
 *     discriminator and {@link CriticTrigger#GENERATED_ABOVE} of a PickScore
 * @param headSteps most optimizer steps on the groups of one learner step, at least 1
 * @param globalLoss weight of the loss over whole images
 * @param localLoss weight of the loss over places
 * @param places places of each map drawn for each image in each head step; 0 for every one that was
 *     kept
 * @param featureNoise deviation of normal noise that is added to normalised features while
 *     learning, on references and generated images alike; 0 for none
 * @param wrongPrompt share, 0 to 1, of the negatives' loss that comes from references judged under
 *     another reference's prompt; counts only for a head that sees prompts
 * @param skipAbove head steps of a learner step end once the accuracy on its own images, without
 *     noise on features and without images shown again, is above this; 1 never ends them
 * @param ownPrompt share of a group's references that are its own prompt's, where there are any;
 *     the others are any of the set
 * @param replayCapacity generated images that are kept to be shown again, the newest ones; 0 for
 *     none
 * @param replayShare kept images shown again in each learner step, as a share of its new ones
 * @param statisticsImages references over which features are standardised, drawn once, at least 2
 * @param loss what the critic learns by; empty for {@link CriticLoss#HINGE} of a discriminator and
 *     {@link CriticLoss#LOGISTIC} of a PickScore
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
