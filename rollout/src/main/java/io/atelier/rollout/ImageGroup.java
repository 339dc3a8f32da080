package io.atelier.rollout;

import io.atelier.models.vision.Images;

/**
 * One prompt and its images: what a rollout produces and a reward scores.
 *
 * @param id the group
 * @param prompt the group's prompt
 * @param images the group's images, in sample order
 * @param policyVersion the policy version that drew all of them
 * @param policyHash content hash of that version, as held by the worker that drew them
 */
public record ImageGroup(
    GroupId id, Prompt prompt, Images images, long policyVersion, String policyHash) {}
