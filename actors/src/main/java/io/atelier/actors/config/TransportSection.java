package io.atelier.actors.config;

import io.atelier.actors.transport.TransportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/** Reads the section {@code transport}. */
final class TransportSection {

  /** What IP and UDP add to a datagram. */
  private static final int HEADERS = 28;

  /** Aeron's unit of a datagram's length. */
  private static final int UNIT = 32;

  private static final int LARGEST = 65_504;

  private TransportSection() {}

  /**
   * @param host where other nodes reach this one
   * @param maxBlobBytes limit of images, trajectories and features held at once
   */
  static TransportConfig read(Section section, String host, long maxBlobBytes) {
    int mtu = section.integer("mtu-bytes");
    return section.build(
        () ->
            new TransportConfig(
                host,
                section.integer("port"),
                section.text("driver-directory"),
                mtu == 0 ? mtu(host) : mtu,
                section.integer("term-bytes"),
                section.integer("window-bytes"),
                section.integer("socket-bytes"),
                maxBlobBytes,
                section.whole("max-version-bytes"),
                section.flag("share-on-host"),
                section.duration("stall"),
                0));
  }

  /** The largest datagram that the interface of an address sends in one piece. */
  private static int mtu(String host) {
    try {
      NetworkInterface own = NetworkInterface.getByInetAddress(InetAddress.getByName(host));
      if (own == null) {
        throw new IllegalArgumentException(
            "mtu-bytes is 0, but %s, which is cluster.host, is no address of this machine"
                .formatted(host));
      }
      return Math.min(LARGEST, (own.getMTU() - HEADERS) / UNIT * UNIT);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "mtu-bytes is 0, but the interface of cluster.host cannot be asked: " + e, e);
    }
  }
}
