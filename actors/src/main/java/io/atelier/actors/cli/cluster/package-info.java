/** Commands that speak with a node of a run. */
package io.atelier.actors.cli.cluster;
