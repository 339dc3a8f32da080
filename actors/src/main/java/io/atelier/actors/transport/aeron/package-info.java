/**
 * Frames over Aeron, whatever they are for. {@link
 * io.atelier.actors.transport.aeron.TransportAgent} is the agent, one thread: it polls the inbox
 * through a {@link io.atelier.actors.transport.aeron.FrameIntake}, hands each frame to the {@link
 * io.atelier.actors.transport.aeron.FrameHandler} of its type, works its {@link
 * io.atelier.actors.transport.aeron.Participant}s, and sends what waits in the {@link
 * io.atelier.actors.transport.aeron.SendQueue} of each publication. {@link
 * io.atelier.actors.transport.aeron.Channels} are the addresses, {@link
 * io.atelier.actors.transport.aeron.LogSizes} the sizes of logs and windows.
 *
 * <p>The media driver runs on the same thread ({@link
 * io.atelier.actors.transport.aeron.EmbeddedDriver}), unless one runs beside the process ({@link
 * io.atelier.actors.transport.aeron.SharedDriver}). Its {@link
 * io.atelier.actors.transport.aeron.Sockets} keep payloads out of the log buffers: {@link
 * io.atelier.actors.transport.aeron.SendBypass} puts a chunk into its datagram when that is sent,
 * {@link io.atelier.actors.transport.aeron.ReceiveBypass} takes it from the datagram when it is
 * received. {@link io.atelier.actors.transport.aeron.SelectorIdleStrategy} parks the thread until a
 * datagram comes in. A channel, a stream, a session, a publication and back pressure are those of
 * Aeron.
 */
package io.atelier.actors.transport.aeron;
