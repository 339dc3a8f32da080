/**
 * Blobs by reference: kept where they were made until they are released, pulled by whoever holds
 * the reference. {@link NetworkBlobStore} keeps their encoded bytes, outside the heap, {@link
 * LocalBlobStore} only the objects, for a run within one JVM. A {@code StoredBlob} counts who reads
 * its memory, a {@code BlobArrival} is one that comes, the {@code Shelf} finds them by number.
 */
package io.atelier.actors.transport.blob;
