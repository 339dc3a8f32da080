package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may join a cluster with mutual TLS, and what others can do to it. */
class TlsTest {

  /** Where a node ends before it has left, the majority of two may be without the seed. */
  private static final String SEED_STAYS =
      """
      akka.cluster.split-brain-resolver.active-strategy = keep-oldest
      akka.cluster.split-brain-resolver.keep-oldest.down-if-alone = off
      """;

  /** Start of a stream of the control plane, and a frame of -1 bytes: without TLS, the end. */
  private static final byte[] DEADLY = {'A', 'K', 'K', 'A', 1, -1, -1, -1, -1};

  @TempDir private static Path folder;
  private static Authority ours;
  private static Authority foreign;
  private static Node seed;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    List<Authority> both = Authority.make(folder.resolve("ours"), folder.resolve("foreign"));
    ours = both.get(0);
    foreign = both.get(1);
    seed = Node.start("cluster-tls", ours.settings(ours) + SEED_STAYS);
    seed.join(seed);
    seed.awaitUp(seed);
  }

  @AfterAll
  static void stop() {
    seed.close();
  }

  @Test
  void shouldLetANodeOfTheAuthorityJoin() {
    letJoin();
  }

  private static void letJoin() {
    try (Node node = Node.start("cluster-tls", ours.settings(ours) + SEED_STAYS)) {
      node.join(seed);
      seed.awaitUp(node);
      assertTrue(seed.members().contains(node.address()));
    }
  }

  @Test
  void shouldRefuseANodeOfAnotherAuthority() {
    try (LogLines log = new LogLines();
        Node node = Node.start("cluster-tls", foreign.settings(ours) + from("127.0.0.2"))) {
      node.join(seed);
      String refused = "stream to [%s] failed".formatted(seed.address());
      log.await(
          l ->
              l.contains(refused)
                  && l.contains("SSLHandshakeException")
                  && l.contains("Received fatal alert"));
      log.await(l -> l.startsWith("Closing connection from 127.0.0.2:"));
      assertFalse(seed.members().contains(node.address()));
    }
  }

  @Test
  void shouldRefuseANodeWithoutTls() {
    try (LogLines log = new LogLines();
        Node node = Node.start("cluster", from("127.0.0.3"))) {
      node.join(seed);
      log.await(l -> l.startsWith("Closing connection from 127.0.0.3:"));
      assertFalse(seed.members().contains(node.address()));
    }
  }

  /** An address by which a node can be told from others in the log of the seed. */
  private static String from(String address) {
    return """
        akka.remote.artery.canonical.hostname = %s
        akka.remote.artery.advanced.tcp.outbound-client-hostname = %s
        """
        .formatted(address, address);
  }

  @Test
  void shouldSurviveFramesFromOutside() throws IOException {
    try (LogLines log = new LogLines();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), seed.port())) {
      socket.getOutputStream().write(DEADLY);
      socket.getOutputStream().write(new byte[1024]);
      String from = "127.0.0.1:%d ".formatted(socket.getLocalPort());
      log.await(line -> line.startsWith("Closing connection from " + from));
    }
    letJoin();
  }
}
