/**
 * What is told of a run: a step, an evaluation, a trained group, images that are shown, the state
 * of a checkpoint, how it ended. Values without logic, which files, page and commands are made of.
 */
package io.atelier.actors.report;
