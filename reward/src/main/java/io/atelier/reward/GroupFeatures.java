package io.atelier.reward;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;

/**
 * Frozen features of the images of one group, computed once: the critic scores them, and later
 * learns from them.
 *
 * @param id the group
 * @param prompt its prompt, by which references are found
 * @param features features by name; the first dimension of each is the image
 */
public record GroupFeatures(GroupId id, Prompt prompt, NamedTensors features) {}
