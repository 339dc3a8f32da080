/**
 * Frames as bytes, and nothing that sends them. A {@link io.atelier.actors.transport.wire.Frame} is
 * a header and a payload in one Aeron fragment; its type says what the payload is: {@link
 * io.atelier.actors.transport.wire.Request}, {@link io.atelier.actors.transport.wire.Description},
 * {@link io.atelier.actors.transport.wire.Missing}, {@link
 * io.atelier.actors.transport.wire.Follow}, {@link io.atelier.actors.transport.wire.Announcement},
 * or a chunk. A {@link io.atelier.actors.transport.wire.Content} is the bytes of a {@link
 * io.atelier.actors.transport.wire.Resource} with the checksums of its chunks, and a {@link
 * io.atelier.actors.transport.wire.Chunk} one of them to be sent. {@link
 * io.atelier.actors.transport.wire.NodeName} is where a node listens. {@link
 * io.atelier.actors.transport.wire.WireReader} and {@link
 * io.atelier.actors.transport.wire.WireWriter} are what codecs of values use too. Whatever was
 * damaged or forged ends as a {@link io.atelier.actors.transport.MalformedException}, never as
 * memory that it claims.
 */
package io.atelier.actors.transport.wire;
