/**
 * Reports of a run: a step, an evaluation, a trained group, images to show, the state of a
 * checkpoint, the end. Values without logic, from which files, page and commands are built.
 */
package io.atelier.actors.report;
