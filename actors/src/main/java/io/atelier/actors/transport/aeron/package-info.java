/**
 * Frames over Aeron, whatever they are for. {@link TransportAgent} is the agent, one thread: it
 * polls the inbox through a {@link FrameIntake}, hands each frame to the {@link FrameHandler} of
 * its type, works its {@link Participant}s, and sends what waits in the {@link SendQueue} of each
 * publication. {@link Channels} are the addresses, {@link LogSizes} the sizes of logs and windows.
 *
 * <p>The media driver runs on the same thread ({@link EmbeddedDriver}), unless one runs beside the
 * process ({@link SharedDriver}). Its {@link Sockets} keep payloads out of the log buffers: {@link
 * SendBypass} puts a chunk into its datagram when that is sent, {@link ReceiveBypass} takes it from
 * the datagram when it is received. {@link SelectorIdleStrategy} parks the thread until a datagram
 * comes in. A channel, a stream, a session, a publication and back pressure are those of Aeron.
 */
package io.atelier.actors.transport.aeron;
