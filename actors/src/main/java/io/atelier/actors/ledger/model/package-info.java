/**
 * Values that events, effects and the journal have in common: groups as far as they are made
 * ({@link Generation}, {@link Scoring}, {@link TrainingGroup}), workers ({@link WorkerId}, {@link
 * WorkerState}), where bytes lie ({@link BlobRef}), and when a group is admitted ({@link
 * Schedule}). They hold no logic of a run.
 */
package io.atelier.actors.ledger.model;
