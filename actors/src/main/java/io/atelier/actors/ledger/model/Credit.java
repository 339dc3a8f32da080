package io.atelier.actors.ledger.model;

import io.atelier.learner.MovedCredit;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Optional;

/**
 * What the policy learner made of the scores of one group.
 *
 * @param prompt of the group, by which a reward graph may decide
 * @param rewards what is trained on, one for each image
 * @param advantages what each image weighs in the loss, limited: of each trained step where credit
 *     is given by step, once elsewhere
 * @param places what the scores of places add to these; empty where no scores tell places apart
 */
public record Credit(
    Prompt prompt, float[] rewards, List<double[]> advantages, Optional<MovedCredit> places) {}
