/**
 * Rules that check images of some prompts only: a {@link io.atelier.reward.verifier.Verifier}
 * decides by the prompt alone whether it applies, and {@link
 * io.atelier.reward.verifier.VerifierReward} turns it into a reward that is absent for other
 * prompts. The idea is that of RewardAgent (Peng et al., arXiv 2502.19328): a reward model combined
 * with rule-based checks.
 */
package io.atelier.reward.verifier;
