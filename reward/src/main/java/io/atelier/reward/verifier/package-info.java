/**
 * Rules that check images of some prompts only: a {@link io.atelier.reward.verifier.Verifier} says
 * by the prompt alone whether it applies, and {@link io.atelier.reward.verifier.VerifierReward}
 * makes a reward of it that is absent elsewhere. The idea is that of RewardAgent (Peng et al.,
 * arXiv 2502.19328): a reward model, and beside it checks of what can be checked.
 */
package io.atelier.reward.verifier;
