/** Commands that begin a run or look at one. */
package io.atelier.actors.cli.run;
