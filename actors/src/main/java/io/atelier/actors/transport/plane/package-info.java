/**
 * Puts the rooms of the transport together. {@link DataPlane} starts the media driver, the agent
 * and the delivery thread, and gives out the blob store and the weight streams of a node. The one
 * class that knows all of them; who only uses blobs and weights knows the interfaces in {@code
 * transport}.
 */
package io.atelier.actors.transport.plane;
