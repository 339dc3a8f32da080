package io.atelier.actors.ledger.model;

import io.atelier.rollout.GroupId;

/**
 * A complete group, as it enters an update.
 *
 * @param id the group
 * @param attempt how often it was replaced
 * @param flats how often of these since all its images had one reward
 * @param leases how often it was given to a worker
 * @param generation who drew it, with what
 * @param scoring who scored it, with what
 */
public record TrainingGroup(
    GroupId id, int attempt, int flats, int leases, Generation generation, Scoring scoring) {}
