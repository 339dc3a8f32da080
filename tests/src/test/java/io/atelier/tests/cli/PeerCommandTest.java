package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.doctor.PeerListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code doctor} of two machines, on the command line. */
@Timeout(60)
class PeerCommandTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /**
   * Whatever the limits of this machine are, the way to itself is there, and the program is one.
   */
  @Test
  void shouldCheckTheWayToAListener() throws Exception {
    try (PeerListener listener = PeerListener.start(new InetSocketAddress(LOOPBACK, 0), 0)) {
      Cli peer = Cli.run("doctor", "--peer", "127.0.0.1:" + listener.tcpPort());
      List<String> lines = peer.out().lines().toList();
      assertEquals(10, lines.size(), peer.out());
      for (String name : List.of("TCP", "program", "messages", "clock", "UDP", "datagrams")) {
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("ok    " + name + " ")), peer.out());
      }
      boolean fails = lines.stream().anyMatch(line -> line.startsWith("FAIL  "));
      assertEquals(fails ? 1 : 0, peer.code(), peer.out());
    }
  }

  @Test
  void shouldFailWhereNobodyListens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      port = socket.getLocalPort();
    }
    Cli peer = Cli.run("doctor", "--peer", "127.0.0.1:" + port);
    assertEquals(1, peer.code(), peer.out());
    assertTrue(peer.out().startsWith("FAIL  TCP "), peer.out());
  }

  @Test
  void shouldSayThatAPortIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
      Cli listener = Cli.run("doctor", "--listen", "127.0.0.1:" + other.getLocalPort());
      assertEquals(2, listener.code(), listener.out());
      assertTrue(
          listener.err().get(0).contains("--listen: cannot listen at"), listener.err()::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--peer foo:bar:baz | --peer is foo:bar:baz, must be a host and a port",
        "--peer a --listen 1 | --listen and --peer are for two machines",
        "--udp-port 7 | --udp-port needs --listen",
        "--listen 0 --udp-port 65536 | --udp-port is 65536",
        "--listen nosuchhost.invalid:25782 | --listen is nosuchhost.invalid:25782, which names no address",
        "--listen 70000 | --listen is 70000, must be a host and a port"
      })
  void shouldRefuseWhatMakesNoSense(String arguments, String message) {
    List<String> command = new ArrayList<>(List.of("doctor"));
    command.addAll(List.of(arguments.split(" ")));
    Cli refused = Cli.run(command);
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().get(0).contains(message), refused.err()::toString);
  }
}
