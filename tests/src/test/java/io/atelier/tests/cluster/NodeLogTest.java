package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.cluster.StateFolder;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose log cannot be written says so, and does not name a file that is none. */
class NodeLogTest {

  @TempDir Path folder;

  @Test
  void shouldSayThatItHasNoLog() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort(); // so that the node ends at once
      Path log =
          StateFolder.of("logs", System.getenv())
              .resolve("%s_127.0.0.1_%d.log".formatted(StateFolder.machine(), port));
      Files.createDirectories(log);
      try {
        List<String> command = new ArrayList<>(List.of("node", "--role", "reward"));
        command.add("run.dir=" + folder.resolve("run"));
        command.add("model.path=" + TinyPipeline.path());
        command.addAll(TinyPipeline.SHORT);
        command.add("data.through-vae=false");
        command.add("cluster.port=" + port);
        command.add("cluster.seeds=[\"127.0.0.1:%d\"]".formatted(port));
        Cli node = Cli.run(command);
        assertTrue(node.out().contains("this node has no log: "), node.out());
        assertTrue(node.out().contains("it is not a regular file"), node.out());
      } finally {
        Files.delete(log);
      }
    }
  }
}
