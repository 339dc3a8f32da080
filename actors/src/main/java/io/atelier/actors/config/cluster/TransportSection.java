package io.atelier.actors.config.cluster;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Optional;

/** Reads the section {@code transport}. */
public final class TransportSection {

  /** For a node on another machine: a run folder can be read anywhere, and nothing is sent then. */
  private static final int ELSEWHERE = 1_472;

  private TransportSection() {}

  /**
   * @param cluster where other nodes reach this one, and where it listens
   * @param maxBlobBytes limit of images, trajectories and features held at once
   */
  public static TransportConfig read(Section section, ClusterConfig cluster, long maxBlobBytes) {
    int mtu = section.integer("mtu-bytes");
    return section.build(
        () ->
            new TransportConfig(
                cluster.host(),
                cluster.bindHost(),
                section.integer("port"),
                section.path("driver-directory"),
                section.text("multicast"),
                mtu == 0 ? mtu(cluster) : mtu,
                section.integer("term-bytes"),
                section.integer("window-bytes"),
                section.integer("socket-bytes"),
                maxBlobBytes,
                section.whole("max-version-bytes"),
                section.flag("share-on-host"),
                section.duration("stall"),
                RunKey.OWN));
  }

  /** Returns the largest datagram that the interface of an address sends unfragmented. */
  private static int mtu(ClusterConfig cluster) {
    return mtu(cluster.listensAt()).or(() -> mtu(cluster.host())).orElse(ELSEWHERE);
  }

  private static Optional<Integer> mtu(String host) {
    Optional<NetworkInterface> own = ClusterConfig.interfaceOf(host);
    if (own.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(TransportConfig.datagram(own.get().getMTU(), InetAddress.getByName(host)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "mtu-bytes is 0, but the interface of cluster.host cannot be asked: " + e, e);
    }
  }
}
