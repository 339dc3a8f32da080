package io.atelier.actors.report;

import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.rollout.Prompt;

/**
 * A group that is trained, and all that is known of it.
 *
 * @param trace its way through the run
 * @param group who drew and scored it, and with what
 * @param prompt what was drawn
 * @param credit what it was trained on
 */
public record TrainedGroup(
    GroupTrace trace, TrainingGroup group, Prompt prompt, GroupCredit credit) {}
