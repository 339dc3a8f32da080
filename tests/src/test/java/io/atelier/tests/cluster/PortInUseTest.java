package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node says which of its ports is taken, and ends. */
class PortInUseTest {

  @TempDir Path folder;

  private Cli start(String... settings) {
    List<String> all = new ArrayList<>(List.of("node", "--role", "reward"));
    all.add("run.dir=" + folder.resolve("run"));
    all.add("model.path=" + TinyPipeline.path());
    all.addAll(TinyPipeline.SHORT);
    all.add("data.through-vae=false");
    all.addAll(List.of(settings));
    return Cli.run(all);
  }

  @Test
  void shouldNameThePortOfTheControlPlane() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Cli node = start("cluster.port=" + port, "cluster.seeds=[\"127.0.0.1:%d\"]".formatted(port));
      assertEquals(
          "atelier: cluster.port: port %d is taken; choose another, or end what listens there"
              .formatted(port),
          node.err().get(node.err().size() - 1));
      assertEquals(2, node.code());
    }
  }

  @Test
  void shouldNameThePortOfTheDataPlane() throws Exception {
    try (DatagramSocket taken =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      int port = taken.getLocalPort();
      Cli node = start("transport.port=" + port, "cluster.seeds=[\"127.0.0.1:25520\"]");
      assertEquals(
          "atelier: transport.port: port %d is taken; choose another, or end what listens there"
              .formatted(port),
          node.err().get(node.err().size() - 1));
      assertEquals(2, node.code());
    }
  }
}
