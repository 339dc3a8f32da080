/**
 * How messages between nodes look as bytes. {@link io.atelier.actors.wire.WireTypes} lists every
 * type that may travel and its id, {@link io.atelier.actors.wire.WireFormat} turns a message into
 * bytes and back, {@link io.atelier.actors.wire.KryoSerializer} plugs it into Akka.
 *
 * <p>A message is the id of its type and then its components in the order in which its record
 * declares them. Numbers are variable-length unless they are in an array, text is UTF-8, a count
 * stands before what it counts. A component that is a record, an enum or an array has no id of its
 * own; one that is a sealed interface has. There is no null and no reference back.
 */
package io.atelier.actors.wire;
