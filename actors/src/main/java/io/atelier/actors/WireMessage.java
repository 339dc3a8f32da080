package io.atelier.actors;

/**
 * A message that may leave its JVM. A class that implements it has an id in {@code
 * io.atelier.actors.protocol.WireTypes}; without one it cannot be sent.
 */
public interface WireMessage {}
