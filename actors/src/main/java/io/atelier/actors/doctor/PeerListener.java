package io.atelier.actors.doctor;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.port.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers the {@link PeerCheck} of other machines at the ports that a node would have. Anyone may
 * ask: it tells versions and limits, and echoes no more bytes than it received.
 */
public final class PeerListener implements AutoCloseable {

  private static final int BACKLOG = 16;
  private static final int THREADS = 8;
  private static final int SILENCE_MILLIS = 10_000;

  /** How often one connection may ask for the time. */
  private static final int MAX_TIMES = 100;

  private static final int MAX_LINE = 1_024;

  private final Clock clock;
  private final ServerSocket tcp;
  private final DatagramSocket udp;
  private final long token = new SecureRandom().nextLong();
  private final String greeting;
  private final ExecutorService askers =
      Executors.newFixedThreadPool(THREADS, work -> thread(work, "doctor-asker"));
  private final Thread accepting = thread(this::accept, "doctor-accept");

  PeerListener(InetSocketAddress address, int udpPort, MachineFacts facts, Clock clock)
      throws IOException {
    this.clock = clock;
    this.tcp = new ServerSocket(address.getPort(), BACKLOG, address.getAddress());
    try {
      int port = udpPort == 0 ? tcp.getLocalPort() : udpPort;
      this.udp = new DatagramSocket(new InetSocketAddress(address.getAddress(), port));
    } catch (IOException e) {
      tcp.close();
      throw e;
    }
    Probe.forbidFragments(udp);
    this.greeting =
        MachineFacts.json(new Greeting(Greeting.VERSION, udp.getLocalPort(), token, facts));
    accepting.start();
    thread(this::echo, "doctor-echo").start();
  }

  /**
   * Starts to listen.
   *
   * @param udpPort port for datagrams; 0 takes that of {@code address}
   * @throws InvalidConfigException if a port is taken, or the address is not of this machine
   */
  public static PeerListener start(InetSocketAddress address, int udpPort) {
    try {
      return new PeerListener(address, udpPort, MachineFacts.here(), Clock.system());
    } catch (IOException e) {
      throw new InvalidConfigException(
          "--listen: cannot listen at %s with UDP port %d: %s; name other ports, or end what has them"
              .formatted(address, udpPort == 0 ? address.getPort() : udpPort, e.getMessage()),
          e);
    }
  }

  private static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  public int tcpPort() {
    return tcp.getLocalPort();
  }

  public int udpPort() {
    return udp.getLocalPort();
  }

  /** Waits until it is closed. */
  public void await() throws InterruptedException {
    accepting.join();
  }

  private void accept() {
    while (!tcp.isClosed()) {
      try {
        Socket asker = tcp.accept();
        askers.execute(() -> answer(asker));
      } catch (IOException e) {
        // closed, or a client that left at once
      }
    }
  }

  private void answer(Socket asker) {
    try (asker;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(asker.getInputStream(), StandardCharsets.US_ASCII),
                MAX_LINE);
        PrintWriter out = new PrintWriter(asker.getOutputStream(), true, StandardCharsets.UTF_8)) {
      asker.setSoTimeout(SILENCE_MILLIS);
      asker.setTcpNoDelay(true);
      if (!line(in, MAX_LINE).equals(Greeting.HELLO)) {
        return; // not a doctor
      }
      out.println(greeting);
      for (int i = 0; i < MAX_TIMES && line(in, MAX_LINE).equals(Greeting.TIME); i++) {
        out.println(clock.nanos());
      }
    } catch (IOException e) {
      // the client left
    }
  }

  /** Reads a line, or the beginning of one that is too long; empty at the end. */
  static String line(BufferedReader in, int most) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n' && line.length() < most) {
      line.append((char) next);
      next = in.read();
    }
    return line.toString().strip();
  }

  private void echo() {
    DatagramPacket packet = new DatagramPacket(new byte[Probe.LARGEST], Probe.LARGEST);
    while (!udp.isClosed()) {
      try {
        packet.setLength(Probe.LARGEST);
        udp.receive(packet);
        if (Probe.isOurs(packet, token)) {
          udp.send(packet);
        }
      } catch (SocketException e) {
        // closed, or larger than the interface takes
      } catch (IOException e) {
        // larger than the interface takes
      }
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
    askers.shutdownNow();
  }
}
