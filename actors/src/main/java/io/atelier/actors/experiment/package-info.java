/**
 * Experiments: named questions about training with the runs that answer them, and the thresholds
 * that were set before. {@link io.atelier.actors.experiment.Experiments} reads them, {@link
 * io.atelier.actors.experiment.Jobs} makes the runs that are missing, each in a process of its own,
 * {@link io.atelier.actors.experiment.Published} keeps what they measured, {@link
 * io.atelier.actors.experiment.Threshold} judges, and {@link
 * io.atelier.actors.experiment.ResultPage} says what came out.
 */
package io.atelier.actors.experiment;
