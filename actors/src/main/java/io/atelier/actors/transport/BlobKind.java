package io.atelier.actors.transport;

import java.util.function.ToLongFunction;

/**
 * A type of blob.
 *
 * @param type class of its values
 * @param length bytes of a value
 */
public record BlobKind<T>(Class<T> type, ToLongFunction<T> length) {}
