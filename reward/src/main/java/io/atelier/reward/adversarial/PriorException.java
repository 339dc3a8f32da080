package io.atelier.reward.adversarial;

import io.atelier.rollout.Prompt;

/** A prior has no score for a reference, so the critic cannot be trained on it. */
public final class PriorException extends RuntimeException {

  PriorException(
      String prior, int reference, Prompt prompt, String problem, RuntimeException cause) {
    super(
        "reference %d, of the prompt \"%s\", has no score of the prior \"%s\": %s"
            .formatted(reference, prompt.text(), prior, problem),
        cause);
  }
}
