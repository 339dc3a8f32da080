package io.atelier.actors.report;

import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.rollout.Prompt;

/**
 * A trained group, with everything known about it.
 *
 * @param trace its timeline
 * @param group its generation and scoring, with workers and versions
 * @param prompt the prompt of its images
 * @param credit rewards and advantages that it was trained with
 */
public record TrainedGroup(
    GroupTrace trace, TrainingGroup group, Prompt prompt, GroupCredit credit) {}
