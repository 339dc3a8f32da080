package io.atelier.actors.transport;

import io.aeron.ChannelUriStringBuilder;
import io.aeron.protocol.DataHeaderFlyweight;

/** Aeron's addresses, with the sizes of a configuration. */
final class Channels {
  static final int INBOX_STREAM = 1_001;
  static final int BROADCAST_STREAM = 1_002;

  private final TransportConfig config;

  Channels(TransportConfig config) {
    this.config = config;
  }

  /** Bytes of a chunk: what one datagram carries. */
  int chunkBytes() {
    return config.mtuBytes() - DataHeaderFlyweight.HEADER_LENGTH - Frame.HEADER;
  }

  /** Where others send to. */
  String inbox() {
    return receiving().endpoint(config.host() + ":" + config.port()).build();
  }

  /** The inbox of another node. */
  String to(NodeName node) {
    return sending().endpoint(node.endpoint()).build();
  }

  /** Where this node broadcasts, at any free port, to whoever listens. */
  String broadcast() {
    return sending()
        .controlEndpoint(config.host() + ":0")
        .controlMode("dynamic")
        .flowControl("min,t:1s")
        .build();
  }

  /**
   * The broadcast of another node.
   *
   * @param port at which that node broadcasts
   */
  String from(NodeName node, int port) {
    return receiving()
        .endpoint(config.host() + ":0")
        .controlEndpoint(node.host() + ":" + port)
        .controlMode("dynamic")
        .build();
  }

  private ChannelUriStringBuilder sending() {
    return new ChannelUriStringBuilder()
        .media("udp")
        .mtu(config.mtuBytes())
        .termLength(config.termBytes())
        .socketSndbufLength(config.socketBytes());
  }

  private ChannelUriStringBuilder receiving() {
    return new ChannelUriStringBuilder()
        .media("udp")
        .receiverWindowLength(config.windowBytes())
        .socketRcvbufLength(config.socketBytes());
  }
}
