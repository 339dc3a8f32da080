package io.atelier.actors.doctor;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.identity.Version;
import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.aeron.SocketLimits;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.actors.wire.WireTypes;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a machine reports about itself.
 *
 * @param program version of Atelier
 * @param build hash of its sources; empty if unknown
 * @param wire version of the messages between nodes
 * @param asked bytes that are requested for a socket's buffer
 * @param receive bytes that the kernel grants of these to receive
 * @param send bytes that the kernel grants of these to send
 * @param memory memory that is free for connections and weights, or why that is too little
 * @param enough whether it suffices to start
 */
record MachineFacts(
    String program,
    String build,
    int wire,
    int asked,
    int receive,
    int send,
    String memory,
    boolean enough) {

  /** Ignores additional properties of a later version. */
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Returns the facts of this machine and program. */
  static MachineFacts here() {
    TransportConfig config = TransportConfig.loopback();
    String memory;
    boolean enough = true;
    try {
      memory = DataPlane.room(config);
    } catch (HostLimitException e) {
      memory = e.getMessage();
      enough = false;
    }
    return new MachineFacts(
        Version.of("atelier"),
        Version.build().orElse(""),
        WireTypes.VERSION,
        config.socketBytes(),
        SocketLimits.receive(config.socketBytes()),
        SocketLimits.send(config.socketBytes()),
        memory,
        enough);
  }

  /** Returns version and build, for people to compare. */
  String name() {
    return build.isEmpty() ? program : program + " build " + build.substring(0, 8);
  }

  static <T> T parse(String json, Class<T> type) throws IOException {
    return JSON.readValue(json, type);
  }

  /** Returns a value as JSON in one line. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
