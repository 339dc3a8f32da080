package io.atelier.actors.doctor;

import io.atelier.actors.port.Clock;
import io.atelier.actors.transport.HostPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Checks whether this machine and that of a {@link PeerListener} can work on one run. */
public final class PeerCheck {

  /** Most characters of a line: far more than a peer sends. */
  private static final int MOST = 1 << 16;

  private static final int CONNECT_MILLIS = 5_000;
  private static final int TIMES = 7;
  private static final double CLOCKS_APART_MILLIS = 1_000;

  /** Window of profiles/ethernet.conf in bytes, the smallest of a shipped profile. */
  private static final int SMALL_WINDOW = 131_072;

  private final HostPort peer;
  private final MachineFacts here;
  private final Clock clock;
  private final List<Finding> findings = new ArrayList<>();

  PeerCheck(HostPort peer, MachineFacts here, Clock clock) {
    this.peer = peer;
    this.here = here;
    this.clock = clock;
  }

  /** Checks a peer; returns the findings in the order in which to fix them. */
  public static List<Finding> of(HostPort peer) {
    return new PeerCheck(peer, MachineFacts.here(), Clock.system()).run();
  }

  List<Finding> run() {
    try (Socket socket = new Socket()) {
      InetSocketAddress address = new InetSocketAddress(peer.host(), peer.port());
      if (address.isUnresolved()) {
        add(
            Finding.fail(
                "name",
                "%s is a name that cannot be resolved here; correct it, or add it to DNS or /etc/hosts"
                    .formatted(peer.host())));
        return findings;
      }
      if (connect(socket, address)) {
        ask(socket);
      }
    } catch (IOException e) {
      add(notADoctor(e.toString()));
    }
    return findings;
  }

  private void add(Finding finding) {
    findings.add(finding);
  }

  private boolean connect(Socket socket, InetSocketAddress address) {
    try {
      socket.connect(address, CONNECT_MILLIS);
      socket.setSoTimeout(CONNECT_MILLIS);
      socket.setTcpNoDelay(true);
      add(
          Finding.ok(
              "TCP",
              "%s answers, from %s".formatted(peer, socket.getLocalAddress().getHostAddress())));
      return true;
    } catch (SocketTimeoutException e) {
      add(
          Finding.fail(
              "TCP",
              "%s does not answer within %d s: a firewall drops TCP port %d, which cluster.port needs; open it between all nodes"
                  .formatted(peer, CONNECT_MILLIS / 1_000, peer.port())));
    } catch (IOException e) {
      add(
          Finding.fail(
              "TCP",
              "%s: %s; start ./atelier doctor --listen %d there, or open TCP port %d, which cluster.port needs"
                  .formatted(peer, e.getMessage(), peer.port(), peer.port())));
    }
    return false;
  }

  private Finding notADoctor(String what) {
    return Finding.fail(
        "peer",
        "%s is no ./atelier doctor --listen (%s); end what listens there, a node say, and start it"
            .formatted(peer, what));
  }

  private void ask(Socket socket) throws IOException {
    try (BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        PrintWriter out =
            new PrintWriter(socket.getOutputStream(), true, StandardCharsets.US_ASCII)) {
      out.println(Greeting.HELLO);
      String line = PeerListener.line(in, MOST);
      if (line.isEmpty()) {
        add(notADoctor("it hangs up"));
        return;
      }
      Greeting greeting = MachineFacts.parse(line, Greeting.class);
      if (greeting == null || greeting.facts() == null) {
        add(notADoctor("it says " + line));
        return;
      }
      versions(greeting.facts());
      clocks(in, out);
      InetSocketAddress udp = new InetSocketAddress(socket.getInetAddress(), greeting.udpPort());
      findings.addAll(new DatagramCheck(udp, greeting.token(), clock).run());
      for (boolean there : new boolean[] {false, true}) {
        MachineFacts facts = there ? greeting.facts() : here;
        String place = there ? peer.host() : "this machine";
        add(sockets(facts, there ? "sockets there" : "sockets here", place));
        String name = there ? "memory there" : "memory here";
        String memory = facts.memory() + ", on " + place;
        add(facts.enough() ? Finding.ok(name, memory) : Finding.fail(name, memory));
      }
    }
  }

  private void versions(MachineFacts there) {
    boolean same = here.program().equals(there.program()) && here.build().equals(there.build());
    add(
        same
            ? Finding.ok("program", here.name() + " on both")
            : Finding.fail(
                "program",
                "%s here, %s on %s: a run is one program; install the same, from one archive or one revision"
                    .formatted(here.name(), there.name(), peer.host())));
    add(
        here.wire() == there.wire()
            ? Finding.ok("messages", "version %d on both".formatted(here.wire()))
            : Finding.fail(
                "messages",
                "version %d here, %d on %s: these nodes do not understand each other; install the same program"
                    .formatted(here.wire(), there.wire(), peer.host())));
  }

  /**
   * Takes the offset from the fastest of several answers: it is off by half of the round trip at
   * most.
   */
  private void clocks(BufferedReader in, PrintWriter out) throws IOException {
    double apart = 0;
    double way = Double.MAX_VALUE;
    for (int i = 0; i < TIMES; i++) {
      long asked = clock.nanos();
      out.println(Greeting.TIME);
      String line = PeerListener.line(in, MOST);
      long answered = clock.nanos();
      if (!line.matches("-?[0-9]{1,18}|-?[0-9]{19}")) {
        throw new IOException("no time, but " + line);
      }
      double took = (answered - asked) / 1e6;
      if (took < way) {
        way = took;
        apart = (Long.parseLong(line) - asked) / 1e6 - took / 2;
      }
    }
    String text =
        String.format(
            Locale.ROOT,
            "%s is %.1f ms %s, within %.1f ms",
            peer.host(),
            Math.abs(apart),
            apart < 0 ? "behind" : "ahead",
            way / 2);
    add(
        Math.abs(apart) - way / 2 <= CLOCKS_APART_MILLIS
            ? Finding.ok("clock", text)
            : Finding.warn(
                "clock",
                text
                    + ": times in logs and trace.json do not fit together; have chrony or ntpd set"
                    + " both clocks"));
  }

  private static Finding sockets(MachineFacts facts, String name, String place) {
    int granted = Math.min(facts.receive(), facts.send());
    String text =
        "%s grants %d bytes to receive and %d to send, transport.socket-bytes asks for %d"
            .formatted(place, facts.receive(), facts.send(), facts.asked());
    String sysctl =
        "run sysctl -w net.core.rmem_max=%d net.core.wmem_max=%d on %s"
            .formatted(facts.asked(), facts.asked(), place);
    if (granted < SMALL_WINDOW) {
      return Finding.fail(name, "%s: %s".formatted(text, sysctl));
    }
    return granted >= facts.asked()
        ? Finding.ok(name, text)
        : Finding.warn(
            name,
            "%s: %s, or have --config cluster-conf/profiles/ethernet.conf on all nodes"
                .formatted(text, sysctl));
  }
}
