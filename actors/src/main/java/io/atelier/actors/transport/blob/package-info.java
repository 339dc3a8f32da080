/**
 * Blobs by reference: kept where they were made until they are released, pulled by whoever holds
 * the reference. {@link NetworkBlobStore} keeps their encoded bytes for other nodes, {@link
 * LocalBlobStore} only the objects, for a run within one JVM.
 */
package io.atelier.actors.transport.blob;
