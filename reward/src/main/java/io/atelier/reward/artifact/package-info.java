/**
 * A guard against artifacts: a small head on frozen features that separates clean images from
 * damaged ones. It is trained on pairs before a run ({@link
 * io.atelier.reward.artifact.HeadTraining}) and not during it, so it cannot drift with the policy;
 * {@link io.atelier.reward.artifact.ArtifactReward} uses it as a reward.
 */
package io.atelier.reward.artifact;
