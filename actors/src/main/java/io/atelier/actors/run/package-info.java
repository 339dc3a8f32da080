/**
 * The run folder. {@code run.file} writes files durably, {@code run.folder} decides who may write,
 * {@code run.checkpoint} keeps the states that a run can resume from, {@code run.metrics} and
 * {@code run.picture} keep measurements and images, {@code run.alarm} draws conclusions from them,
 * and {@code run.record} holds the recorder that uses them all and the check that verifies what
 * they wrote.
 */
package io.atelier.actors.run;
