/** Commands that talk to a node of a run. */
package io.atelier.actors.cli.cluster;
