/**
 * Frames as bytes, and nothing that sends them. A {@link Frame} is a header and a payload in one
 * Aeron fragment; its type says what the payload is: {@link Request}, {@link Description}, {@link
 * Missing}, {@link Follow}, {@link Announcement}, or a chunk. A {@link Sealer} encrypts what goes
 * to an {@link Audience}, an {@link Opener} refuses what was not sealed with the key of the run. A
 * {@link Content} is the bytes of a {@link Resource}, and a {@link Chunk} a part of them to be
 * sent. {@link NodeName} is where a node listens. {@link WireReader} and {@link WireWriter} are
 * what codecs of values use too. Whatever was damaged or forged ends as a {@link
 * io.atelier.actors.transport.MalformedException}, never as memory that it claims.
 */
package io.atelier.actors.transport.wire;
