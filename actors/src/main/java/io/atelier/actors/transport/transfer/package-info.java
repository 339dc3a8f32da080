/**
 * Resources by request. A receiver pulls: {@link Pulls} asks for a window of chunks at a time, asks
 * again for what does not come, and fails a {@link Pull} that stalls. {@link ChunkServer} answers
 * on the other side. Blobs and weights both travel by it; what came is handed over on the delivery
 * thread, so that the agent decodes nothing.
 */
package io.atelier.actors.transport.transfer;
