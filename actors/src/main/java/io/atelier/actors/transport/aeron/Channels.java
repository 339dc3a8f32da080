package io.atelier.actors.transport.aeron;

import io.aeron.ChannelUriStringBuilder;
import io.aeron.protocol.DataHeaderFlyweight;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;

/**
 * Aeron's addresses, with the sizes of a configuration.
 *
 * <p>Between nodes with media drivers of their own the payloads of chunks are not in the log
 * buffers; a driver that runs beside a node knows nothing of that.
 */
public final class Channels {
  public static final int INBOX_STREAM = 1_001;
  public static final int BROADCAST_STREAM = 1_002;

  private final TransportConfig config;
  private final LogSizes whole;
  private final LogSizes own;

  public Channels(TransportConfig config) {
    this.config = config;
    this.whole = LogSizes.whole(config);
    this.own = isApart() ? LogSizes.apart(config) : whole;
  }

  /** Whether payloads are not in the log buffers of what this node broadcasts. */
  public boolean isApart() {
    return config.driverDirectory().isEmpty();
  }

  /** Whether payloads are not in the log buffers of what this node sends to another. */
  public boolean isApart(NodeName to) {
    return isApart() && to.hasOwnDriver();
  }

  /** Whether this node can take what another broadcasts. */
  public boolean understands(NodeName from) {
    return isApart() || !from.hasOwnDriver();
  }

  /** Bytes of a chunk: what one datagram carries. */
  public int chunkBytes() {
    return config.mtuBytes() - DataHeaderFlyweight.HEADER_LENGTH - Frame.HEADER;
  }

  /** Where others send to. */
  public String inbox() {
    return receiving().endpoint(here(config.port())).build();
  }

  /** Between nodes that use one media driver; the stream is the session of the receiver. */
  public String shared() {
    return new ChannelUriStringBuilder()
        .media("ipc")
        .mtu(config.mtuBytes())
        .termLength(config.termBytes())
        .build();
  }

  /** The inbox of another node. */
  public String to(NodeName node) {
    return sending(isApart(node) ? own : whole).endpoint(node.endpoint()).build();
  }

  /**
   * Where this node broadcasts to whoever listens: to the multicast group if there is one,
   * otherwise to each, from any free port.
   */
  public String broadcast() {
    ChannelUriStringBuilder channel =
        isMulticast()
            ? group(sending(own))
            : sending(own).controlEndpoint(here(0)).controlMode("dynamic");
    return channel.flowControl("min,t:1s").build();
  }

  public boolean isMulticast() {
    return !config.multicast().isEmpty();
  }

  /** What others broadcast to the multicast group. */
  public String group() {
    return group(receiving()).build();
  }

  private ChannelUriStringBuilder group(ChannelUriStringBuilder channel) {
    return channel
        .endpoint(config.multicast())
        .networkInterface(HostPort.bracketed(config.listensAt()));
  }

  /**
   * The broadcast of another node that sends to each.
   *
   * @param port at which that node broadcasts
   */
  public String from(NodeName node, int port) {
    return receiving()
        .endpoint(here(0))
        .controlEndpoint(node.host() + ":" + port)
        .controlMode("dynamic")
        .build();
  }

  private String here(int port) {
    return new HostPort(config.listensAt(), port).toString();
  }

  private ChannelUriStringBuilder sending(LogSizes sizes) {
    return new ChannelUriStringBuilder()
        .media("udp")
        .mtu(sizes.frame())
        .termLength(sizes.term())
        .publicationWindowLength(sizes.ahead())
        .socketSndbufLength(config.socketBytes());
  }

  private ChannelUriStringBuilder receiving() {
    return new ChannelUriStringBuilder()
        .media("udp")
        .receiverWindowLength(own.window())
        .socketRcvbufLength(config.socketBytes());
  }
}
