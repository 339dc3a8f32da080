/**
 * The recorder: receives every step, evaluation and end, and writes all files of a run.
 *
 * <p>{@link RunRecorder} is called by an actor. It delegates to the packages below, updates {@link
 * Terminal} for the user and {@link RunMeters} for Prometheus, and finishes with {@link RunSummary}
 * and the report. {@link RunVerification} reads everything back and verifies it.
 */
package io.atelier.actors.run.record;
