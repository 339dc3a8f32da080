/**
 * A run over many nodes: who joins, who leads, and what a node is made of. The actors are those of
 * a run in one JVM; only their bytes and messages go another way.
 */
package io.atelier.actors.node;
