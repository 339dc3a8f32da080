package io.atelier.actors.doctor;

import io.atelier.actors.port.Clock;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.transport.TransportConfig;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/** Checks whether datagrams reach another machine and come back, and how large they may be. */
final class DatagramCheck {

  private static final int MANY = 20;
  private static final int PATIENCE_MILLIS = 300;
  private static final int TRIES = 3;

  private static final int ETHERNET = 1_500;

  /** Usual sizes, for MTUs of 1450, 1500 (IPv6 and IPv4), 2044, 4092, 9000 and 65520 bytes. */
  private static final List<Integer> USUAL =
      List.of(1_408, 1_440, 1_472, 2_016, 4_064, 8_960, 65_472);

  private final InetSocketAddress peer;
  private final long token;
  private final Clock clock;
  private final String name;
  private int sent;

  DatagramCheck(InetSocketAddress peer, long token, Clock clock) {
    this.peer = peer;
    this.token = token;
    this.clock = clock;
    this.name = new HostPort(peer.getAddress().getHostAddress(), peer.getPort()).toString();
  }

  List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(peer);
      socket.setSoTimeout(PATIENCE_MILLIS);
      boolean whole = Probe.forbidFragments(socket);
      Finding small = small(socket);
      findings.add(small);
      if (small.works()) {
        findings.add(large(socket, whole));
      }
    } catch (IOException e) {
      findings.add(Finding.fail("UDP", "%s: %s; %s".formatted(name, e, remedy())));
    }
    return findings;
  }

  private String remedy() {
    return "open UDP port %d in both directions between all nodes, and set transport.port to a port that is open"
        .formatted(peer.getPort());
  }

  private Finding small(DatagramSocket socket) {
    int came = 0;
    double best = Double.MAX_VALUE;
    // three are enough if none comes back
    for (int i = 0; i < MANY && (came > 0 || i < TRIES); i++) {
      long start = clock.nanos();
      if (comesBack(socket, Probe.SMALLEST)) {
        came++;
        best = Math.min(best, (clock.nanos() - start) / 1e6);
      }
    }
    if (came == 0) {
      return Finding.fail("UDP", "%s sends nothing back: %s".formatted(name, remedy()));
    }
    String text =
        String.format(Locale.ROOT, "%s sends back %d of %d, in %.2f ms", name, came, MANY, best);
    return came == MANY
        ? Finding.ok("UDP", text)
        : Finding.warn("UDP", text + ": the network loses datagrams; look at cables and switches");
  }

  private boolean comesBack(DatagramSocket socket, int length) {
    int number = sent++;
    DatagramPacket packet = new DatagramPacket(new byte[Probe.LARGEST], Probe.LARGEST);
    long end = clock.nanos() + PATIENCE_MILLIS * 1_000_000L;
    try {
      socket.send(Probe.of(token, number, length));
      do {
        packet.setLength(Probe.LARGEST);
        socket.receive(packet);
        if (Probe.isOurs(packet, token)
            && Probe.number(packet) == number
            && packet.getLength() == length) {
          return true;
        }
      } while (clock.nanos() < end); // a late reply to an earlier one
    } catch (IOException e) {
      // no reply; or a router or the peer refused it: too long, no listener
    }
    return false;
  }

  /**
   * Increases the size until one does not come back: a datagram larger than the path MTU is lost,
   * and the kernel, once told of that MTU, fragments later ones. So without the option against
   * fragments each size has one try.
   */
  private Finding large(DatagramSocket socket, boolean whole) throws IOException {
    InetAddress here = socket.getLocalAddress();
    int mtu = mtu(here);
    int needed = TransportConfig.MIN_MTU + TransportConfig.headers(here);
    if (mtu < needed) {
      return Finding.warn(
          "datagrams",
          "the interface here has an MTU of %d, so datagrams of %d bytes, the least that transport.mtu-bytes may be, are sent in fragments; raise its MTU to %d if you can"
              .formatted(mtu, TransportConfig.MIN_MTU, needed));
    }
    int own = TransportConfig.datagram(mtu, here);
    SortedSet<Integer> sizes = new TreeSet<>(USUAL.stream().filter(size -> size < own).toList());
    sizes.add(own);
    int arrives = 0;
    for (int size : sizes) {
      boolean back = false;
      for (int i = 0; i < (whole ? TRIES : 1) && !back; i++) {
        back = comesBack(socket, size);
      }
      if (!back) {
        break;
      }
      arrives = size;
    }
    String text =
        "of %d bytes arrive in one piece, the interface here sends %d".formatted(arrives, own);
    if (arrives == 0) {
      return Finding.fail(
          "datagrams",
          "of %d bytes do not arrive, the least that transport.mtu-bytes may be; raise the MTU of the path to %d"
              .formatted(sizes.first(), needed));
    }
    return arrives == own
        ? Finding.ok("datagrams", text)
        : Finding.warn(
            "datagrams",
            "%s: something on the way, or the other interface, has smaller frames; set transport.mtu-bytes=%d on all nodes"
                .formatted(text, arrives));
  }

  /** Returns the MTU of the interface of an address. */
  private static int mtu(InetAddress here) throws IOException {
    NetworkInterface there = NetworkInterface.getByInetAddress(here);
    return there == null ? ETHERNET : there.getMTU();
  }
}
