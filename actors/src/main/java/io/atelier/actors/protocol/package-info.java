/**
 * All messages between actors: of each actor one sealed interface, whose records are what it may be
 * told. Those that are {@link io.atelier.actors.protocol.WireMessage} may come from another node;
 * {@link io.atelier.actors.wire.WireTypes} gives them ids. No logic.
 */
package io.atelier.actors.protocol;
