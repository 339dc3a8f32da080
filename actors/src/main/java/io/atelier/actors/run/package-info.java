/** Run folder, checkpoints, metrics and the clock of a run. */
package io.atelier.actors.run;
