package io.atelier.actors.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a process sends and receives bytes. All nodes of a run use the same sizes.
 *
 * @param host name or address of this machine at which others reach it
 * @param bindHost address at which it listens; empty for that of {@code host}
 * @param port UDP port of the inbox; 0 takes any that is free
 * @param driverDirectory folder of a media driver that runs already; empty starts one in this
 *     process
 * @param multicast group that weights are broadcast to, as {@code address:port}; empty sends to
 *     each node by itself
 * @param mtuBytes largest datagram: the path's MTU less 28 bytes of headers, 48 with IPv6; 65504 on
 *     loopback
 * @param termBytes a third of the log of one connection, on tmpfs at both ends, where the media
 *     driver runs already; a power of two
 * @param windowBytes bytes on their way to one receiver: bandwidth times delay, no more than the
 *     smallest queue on the path holds
 * @param socketBytes buffer of a socket; the kernel's limit is {@code net.core.rmem_max}
 * @param maxBlobBytes limit of the blobs kept here and on their way here, as encoded, outside the
 *     heap
 * @param maxVersionBytes limit of one version of weights, which may take several transfers
 * @param shareOnHost whether processes of one host read weights from one place in memory; needs as
 *     much room on {@code /dev/shm} as the versions held take, or three on a host that receives
 * @param stall time without any progress after which a transfer fails
 * @param key what all nodes of a run share and nobody else has; one of its own keeps all others out
 */
public record TransportConfig(
    String host,
    String bindHost,
    int port,
    String driverDirectory,
    String multicast,
    int mtuBytes,
    int termBytes,
    int windowBytes,
    int socketBytes,
    long maxBlobBytes,
    long maxVersionBytes,
    boolean shareOnHost,
    Duration stall,
    RunKey key) {

  /** What one transfer takes at most: what one buffer holds, less the header of a slot. */
  public static final int MAX_TRANSFER_BYTES = Integer.MAX_VALUE - 4_096;

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  public static final int MIN_MTU = 1_408;
  public static final int MAX_MTU = 65_504;
  public static final int MTU_UNIT = 32;

  /** Bytes of the IP and UDP headers of a datagram. */
  private static final int HEADERS = 28;

  private static final int HEADERS_IPV6 = 48;

  /** Numbers only, so that no name is resolved. */
  private static final Pattern GROUP =
      Pattern.compile("([0-9.]{7,15}|\\[[0-9a-fA-F:.]{2,45}]):([0-9]{1,5})");

  public TransportConfig {
    Objects.requireNonNull(key);
    require(!host.isBlank(), "host is empty, must be where other nodes reach this one");
    require(
        !HostPort.isWildcard(host),
        "host is %s, must be one address: other nodes are told it",
        host);
    require(port >= 0 && port <= 65_535, "port is %d, must be 0 to 65535", port);
    require(
        multicast.isEmpty() || isGroup(multicast),
        "multicast is %s, must be a multicast address and a port, such as 239.192.7.1:40123; Aeron"
            + " takes odd last numbers only",
        multicast);
    require(
        multicast.isEmpty() || !HostPort.isWildcard(bindHost),
        "multicast is %s, which needs one interface, but bind-host is %s",
        multicast,
        bindHost);
    require(
        mtuBytes >= MIN_MTU && mtuBytes <= MAX_MTU && mtuBytes % MTU_UNIT == 0,
        "mtu-bytes is %d, must be a multiple of %d from %d to %d",
        mtuBytes,
        MTU_UNIT,
        MIN_MTU,
        MAX_MTU);
    require(
        Integer.bitCount(termBytes) == 1 && termBytes >= 64 * KIB && termBytes <= KIB * MIB,
        "term-bytes is %d, must be a power of two from 65536 to 1073741824",
        termBytes);
    require(
        termBytes / 8 >= mtuBytes,
        "term-bytes is %d, must be at least 8 times mtu-bytes, which is %d",
        termBytes,
        mtuBytes);
    require(
        windowBytes >= mtuBytes,
        "window-bytes is %d, must be at least mtu-bytes, which is %d",
        windowBytes,
        mtuBytes);
    require(
        windowBytes <= termBytes / 2,
        "window-bytes is %d, must be at most half of term-bytes, which is %d",
        windowBytes,
        termBytes);
    require(
        socketBytes >= windowBytes,
        "socket-bytes is %d, must be at least window-bytes, which is %d",
        socketBytes,
        windowBytes);
    require(maxBlobBytes >= 1, "max-blob-bytes is %d, must be at least 1", maxBlobBytes);
    require(maxVersionBytes >= 1, "max-version-bytes is %d, must be at least 1", maxVersionBytes);
    require(
        stall.toMillis() >= 100 && stall.toHours() < 1,
        "stall is %d ms, must be at least 100ms and less than an hour",
        stall.toMillis());
  }

  private static boolean isGroup(String text) {
    Matcher matcher = GROUP.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      return false;
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(matcher.group(1));
    } catch (UnknownHostException e) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address.isMulticastAddress() && bytes[bytes.length - 1] % 2 != 0;
  }

  /** Limit of one transfer of weights; what is more goes in several. */
  public long maxPieceBytes() {
    return Math.min(maxVersionBytes, MAX_TRANSFER_BYTES);
  }

  /** For processes on one machine. */
  public static TransportConfig loopback() {
    return new TransportConfig(
        "127.0.0.1",
        "",
        0,
        "",
        "",
        MAX_MTU,
        2 * MIB,
        MIB,
        2 * MIB,
        1024L * MIB,
        MAX_TRANSFER_BYTES,
        true,
        Duration.ofSeconds(3),
        RunKey.fresh());
  }

  /** Where it listens. */
  public String listensAt() {
    return bindHost.isEmpty() ? host : bindHost;
  }

  public TransportConfig withKey(RunKey key) {
    return with(shareOnHost, key);
  }

  public TransportConfig withShareOnHost(boolean share) {
    return with(share, key);
  }

  private TransportConfig with(boolean share, RunKey shared) {
    return new TransportConfig(
        host,
        bindHost,
        port,
        driverDirectory,
        multicast,
        mtuBytes,
        termBytes,
        windowBytes,
        socketBytes,
        maxBlobBytes,
        maxVersionBytes,
        share,
        stall,
        shared);
  }

  /** Without the key, which is no business of a log. */
  @Override
  public String toString() {
    return "%s driver \"%s\" multicast \"%s\" mtu %d term %d window %d socket %d"
        .formatted(
            new HostPort(listensAt(), port),
            driverDirectory,
            multicast,
            mtuBytes,
            termBytes,
            windowBytes,
            socketBytes);
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }

  /**
   * Returns the largest datagram that an interface sends in one piece, as {@code mtuBytes} counts
   * it. Below the least that is allowed, as on a WireGuard interface, the kernel fragments it.
   *
   * @param interfaceMtu bytes of the largest packet of the interface
   * @param address of this machine that datagrams are sent from
   */
  public static int datagram(int interfaceMtu, InetAddress address) {
    return Math.max(
        MIN_MTU, Math.min(MAX_MTU, (interfaceMtu - headers(address)) / MTU_UNIT * MTU_UNIT));
  }

  /** Returns the bytes of the IP and UDP headers of a datagram from an address. */
  public static int headers(InetAddress address) {
    return address instanceof Inet6Address ? HEADERS_IPV6 : HEADERS;
  }
}
