package io.atelier.actors.ledger.model;

import io.atelier.rollout.Prompt;
import java.util.List;

/**
 * What the policy learner made of the scores of one group.
 *
 * @param prompt of the group, by which a reward graph may decide
 * @param rewards what is trained on, one for each image
 * @param advantages what each image weighs in the loss, limited: of each trained step where credit
 *     is given by step, once elsewhere
 */
public record Credit(Prompt prompt, float[] rewards, List<double[]> advantages) {}
