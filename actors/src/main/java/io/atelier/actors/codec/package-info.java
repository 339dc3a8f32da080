/**
 * The large values that are sent as blobs or weight streams, and their encodings: {@link
 * io.atelier.actors.codec.Blobs} lists them.
 */
package io.atelier.actors.codec;
