package io.atelier.actors.transport;

/**
 * A type of blob.
 *
 * @param type class of its values
 * @param codec their bytes
 */
public record BlobKind<T>(Class<T> type, Codec<T> codec) {}
