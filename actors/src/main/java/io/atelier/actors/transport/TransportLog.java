package io.atelier.actors.transport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one log of the transport: whichever class writes, it is found under one name. */
public final class TransportLog {
  public static final Logger LOG = LoggerFactory.getLogger("io.atelier.actors.transport.DataPlane");

  private TransportLog() {}
}
