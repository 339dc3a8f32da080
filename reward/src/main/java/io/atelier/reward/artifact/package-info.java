/**
 * A guard against artifacts: a small head on frozen features that tells clean images from damaged
 * ones. It is trained on pairs before a run ({@link io.atelier.reward.artifact.HeadTraining}) and
 * never learns in it, so it cannot drift with the policy; {@link
 * io.atelier.reward.artifact.ArtifactReward} rewards by it.
 */
package io.atelier.reward.artifact;
