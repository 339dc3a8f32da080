/**
 * How bytes travel beside the messages: blobs by reference, weights by version. {@link
 * io.atelier.actors.transport.BlobStore} and {@link io.atelier.actors.transport.WeightStream} are
 * what actors use; within one JVM they hand over memory, and a {@link
 * io.atelier.actors.transport.DataPlane} carries them to other nodes.
 *
 * <p>A resource is cut into chunks of one datagram each, with offset and CRC32C, so order, gaps and
 * doubles do not matter. Receivers pull a window of chunks at a time over UDP unicast; new weights
 * are broadcast first, to each or to a multicast group, and only the holes are pulled. A chunk does
 * not pass the log buffers of Aeron, which count it: the sender puts it into the datagram, and the
 * receiver takes it from there to its place in the resource, or receives it there. Nodes that use
 * one media driver talk through its memory, and what they send and receive over the network passes
 * its log buffers. Knows bytes, no tensors.
 *
 * <p>Every follower of a weight stream has a source, which the publisher names: the publisher or a
 * relay, see {@link io.atelier.actors.transport.RelayTree}. A relay offers what it received as a
 * publisher does: in slots in shared memory to the processes of its host, by broadcast and by pull
 * to others. The tree saves copies and promises nothing: what does not come by it is pulled from
 * the publisher.
 */
package io.atelier.actors.transport;
