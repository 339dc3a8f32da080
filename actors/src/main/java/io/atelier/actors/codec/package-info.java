/**
 * The large values that travel as blobs or weight streams, and their bytes: {@link
 * io.atelier.actors.codec.Blobs} lists them.
 */
package io.atelier.actors.codec;
