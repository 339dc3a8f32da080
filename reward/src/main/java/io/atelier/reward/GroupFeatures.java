package io.atelier.reward;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;

/**
 * Frozen features of the images of one group, computed once: the critic scores them, and is later
 * trained on them.
 *
 * @param id the group
 * @param prompt its prompt, which selects references
 * @param features features by name; the first dimension of each is the image
 */
public record GroupFeatures(GroupId id, Prompt prompt, NamedTensors features) {}
