/** Run folder, checkpoints and metrics. */
package io.atelier.actors.run;
