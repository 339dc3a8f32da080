/**
 * Experiments: named questions about training with the runs that answer them, and thresholds that
 * were set in advance. {@link io.atelier.actors.experiment.Experiments} reads them, {@link
 * io.atelier.actors.experiment.Jobs} makes the runs that are missing, each in a process of its own,
 * {@link io.atelier.actors.experiment.Published} keeps their measurements, {@link
 * io.atelier.actors.experiment.Threshold} judges them, and {@link
 * io.atelier.actors.experiment.ResultPage} reports the results.
 */
package io.atelier.actors.experiment;
