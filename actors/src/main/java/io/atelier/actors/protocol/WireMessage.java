package io.atelier.actors.protocol;

/**
 * A message that may leave its JVM. A class that implements it has an id in {@code
 * io.atelier.actors.wire.WireTypes}; without one it cannot be sent.
 */
public interface WireMessage {}
