/**
 * How bytes travel beside the messages: blobs by reference, weights by version. {@link
 * io.atelier.actors.transport.BlobStore} and {@link io.atelier.actors.transport.WeightStream} are
 * what actors use; within one JVM they hand over memory, and a {@link
 * io.atelier.actors.transport.DataPlane} carries them to other nodes.
 *
 * <p>A resource is cut into chunks of one datagram each, with offset and CRC32C, so order, gaps and
 * doubles do not matter. Receivers pull a window of chunks at a time over UDP unicast; new weights
 * are broadcast first, and only the holes are pulled; processes on the publisher's host read them
 * from a slot in shared memory. Knows bytes, no tensors.
 */
package io.atelier.actors.transport;
