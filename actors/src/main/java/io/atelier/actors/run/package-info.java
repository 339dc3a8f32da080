/**
 * The run folder. {@code run.file} writes files that last, {@code run.folder} says who may write,
 * {@code run.checkpoint} keeps states to go on from, {@code run.metrics} and {@code run.picture}
 * what was measured and drawn, {@code run.alarm} concludes from it, and {@code run.record} holds
 * the recorder that uses them all and the check that proves what they wrote.
 */
package io.atelier.actors.run;
