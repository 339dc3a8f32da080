/**
 * How bytes travel beside the messages: blobs by reference, weights by version. {@link
 * io.atelier.actors.transport.BlobStore} and {@link io.atelier.actors.transport.WeightStream} are
 * what actors use, with a {@link io.atelier.actors.transport.Codec} for their values; within one
 * JVM they hand over memory, between nodes the data plane of {@code transport.plane} carries them.
 * Knows bytes, no tensors.
 *
 * <p>A resource is cut into chunks of one datagram each, with its offset, so order, loss and
 * duplicates do not matter; each is encrypted, with a tag by which the receiver knows that a node
 * of the run sent it ({@code transport.wire}). Receivers pull a window of chunks at a time over UDP
 * unicast ({@code transport.transfer}); new weights are broadcast first, to each or to a multicast
 * group, and only what was lost is pulled ({@code transport.weights}); processes of one host read
 * them in place ({@code transport.shm}). The payload of a chunk bypasses the log buffers of Aeron,
 * which only count it ({@code transport.aeron}); between nodes that share one media driver it does
 * not.
 *
 * <p>Every room knows this one, and of the others only those below it: plane; blob, weights;
 * transfer; aeron, shm; wire; metrics.
 */
package io.atelier.actors.transport;
