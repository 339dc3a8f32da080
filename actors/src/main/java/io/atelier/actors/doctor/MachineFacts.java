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
 * What a machine says of itself.
 *
 * @param program version of Atelier
 * @param build hash of its sources; empty if unknown
 * @param wire version of the messages between nodes
 * @param asked bytes that a socket's buffer should have
 * @param receive bytes that the kernel grants of these for what comes
 * @param send the same for what goes
 * @param memory what is free for connections and weights, or why that is too little
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

  /** What a later version says besides is left alone. */
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Of this machine and program. */
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

  /** Version and build, as people compare them. */
  String name() {
    return build.isEmpty() ? program : program + " build " + build.substring(0, 8);
  }

  static <T> T parse(String json, Class<T> type) throws IOException {
    return JSON.readValue(json, type);
  }

  /** In one line. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
