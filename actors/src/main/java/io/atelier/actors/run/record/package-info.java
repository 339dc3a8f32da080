/**
 * The recorder: hears of every step, evaluation and end, and writes all files of a run.
 *
 * <p>{@link RunRecorder} is the one that an actor calls. It hands on to the rooms below, tells
 * {@link Terminal} what a person sees and {@link RunMeters} what Prometheus scrapes, and ends with
 * {@link RunSummary} and the report. {@link RunVerification} reads it all again and proves it.
 */
package io.atelier.actors.run.record;
