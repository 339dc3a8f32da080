package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where nodes are: names, IPv6, another address to listen at; and what cannot work. */
@Timeout(180)
class AddressTest {

  @TempDir Path folder;

  private List<String> node(String role, String... settings) {
    List<String> all = new ArrayList<>(List.of("node", "--role", role));
    all.add("run.dir=" + folder.resolve("run"));
    all.add("model.path=" + TinyPipeline.path());
    all.addAll(TinyPipeline.SHORT);
    all.addAll(List.of("data.through-vae=false", "run.steps=1"));
    all.addAll(List.of(settings));
    return all;
  }

  private NodeProcess process(String role, String... settings) {
    return named(role, role, settings);
  }

  private NodeProcess named(String name, String role, String... settings) {
    return new NodeProcess(name, List.of(), node(role, settings), folder.resolve(name + ".out"));
  }

  private static int freePort(InetAddress address) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, address)) {
      return socket.getLocalPort();
    }
  }

  /** A run over two processes, of which this is one. */
  @ParameterizedTest
  @CsvSource({"::1, ::1", "localhost, 0.0.0.0"})
  void shouldRunAtAnAddress(String host, String bind) throws Exception {
    int port;
    try {
      port = freePort(InetAddress.getByName(host));
    } catch (IOException e) {
      assumeTrue(false, "this machine has no " + host + ": " + e);
      return;
    }
    String at = host.contains(":") ? "[" + host + "]" : host;
    String seeds = "cluster.seeds=[\"%s:%d\"]".formatted(at, port);
    String here = "cluster.host=" + host;
    String[] more = {
      "cluster.bind-host=" + bind, "cluster.trust-network=true", "cluster.admin-host=" + bind
    };
    List<String> worker =
        node("rollout,reward", seeds, here, more[0], more[1], more[2], "cluster.port=0");
    try (NodeProcess learner =
        process("learner", seeds, here, more[0], more[1], more[2], "cluster.port=" + port)) {
      learner.start();
      CompletableFuture<Cli> workers = CompletableFuture.supplyAsync(() -> Cli.run(worker));
      assertEquals(at + ":" + port, learner.address());
      assertTrue(learner.admin().startsWith(bind.contains(":") ? "[::1]:" : "0.0.0.0:"));
      Cli status = Cli.run("status", "--admin", learner.admin());
      assertTrue(
          status.out().contains(at + ":" + port) || learner.await(1) == 0, status.err()::toString);
      assertEquals(0, learner.await(120), learner::output);
      Cli worked = workers.get(30, TimeUnit.SECONDS);
      assertEquals(0, worked.code(), worked.err()::toString);
    }
  }

  /** Nodes that would have waited for ever, or been open to everybody. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cluster.host=localhost | | cluster.seeds names 127.0.0.1:25520, which is this node",
        "cluster.host=0:0:0:0:0:0:0:1 | cluster.seeds=[\"[::1]:25520\"] | which is this node",
        "cluster.host=127.0.0.1 | cluster.seeds=[\"localhost:25520\"] | which is this node",
        "cluster.port=1 | cluster.seeds=[\"192.0.2.1:25520\"] | cluster.host is 127.0.0.1, at which 192.0.2.1:25520",
        "cluster.port=1 | cluster.seeds=[\"no.such.name.invalid:25520\"] | cannot reach this node",
        "cluster.host=::1 | cluster.seeds=[\"[fd00::7]:25520\"] | cluster.host is ::1, at which [fd00::7]:25520",
        "cluster.bind-host=0.0.0.0 | | cluster.bind-host is 0.0.0.0, and tls is false",
        "cluster.bind-host=192.0.2.1 | cluster.trust-network=true | bind-host is 192.0.2.1, which is no address",
        "cluster.host=0.0.0.0 | cluster.trust-network=true | cluster.host is 0.0.0.0, must be one address",
        "cluster.seeds=[\"::1:25520\"] | | cluster.seeds has \"::1:25520\", must be host:port"
      })
  void shouldRefuseWhatCannotWork(String setting, String other, String message) {
    List<String> command = node("reward", setting);
    if (other != null) {
      command.add(other);
    }
    Cli refused = Cli.run(command);
    assertEquals(2, refused.code(), refused.err()::toString);
    assertTrue(refused.err().get(0).contains(message), refused.err()::toString);
  }

  /** A server of names may answer later: whoever starts nodes is to start it again. */
  @Test
  void shouldFailForNowWhereItsNameIsUnknown() {
    Cli failed =
        Cli.run(node("reward", "cluster.host=nobody.invalid", "cluster.trust-network=true"));
    assertEquals(1, failed.code(), failed.err()::toString);
    assertTrue(
        failed.err().get(0).contains("cluster.host is nobody.invalid, a name that this machine"),
        failed.err()::toString);
  }

  /** One node finds no cluster, another one is alone in its own; each says so after a while. */
  @Test
  void shouldSayForWhomItWaitsAndThatNobodyLeads() throws Exception {
    int alone = freePort(InetAddress.getLoopbackAddress());
    int nobody = freePort(InetAddress.getLoopbackAddress());
    try (ServerSocket stranger = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        NodeProcess leaderless =
            named(
                "leaderless",
                "reward",
                "cluster.port=" + alone,
                "cluster.seeds=[\"127.0.0.1:%d\"]".formatted(alone));
        NodeProcess lone =
            named(
                "lone",
                "reward",
                "cluster.port=0",
                "cluster.seeds=[\"127.0.0.1:%d\", \"127.0.0.1:%d\"]"
                    .formatted(nobody, stranger.getLocalPort()))) {
      lone.start();
      leaderless.start();
      String said =
          Admin.await(
              "what it waits for", lone::output, text -> text.contains("is in no cluster yet"));
      assertTrue(said.contains("127.0.0.1:%d (nothing listens there)".formatted(nobody)), said);
      assertTrue(said.contains(stranger.getLocalPort() + " (listens, but does not let"), said);
      String led =
          Admin.await(
              "whom it waits for", leaderless::output, text -> text.contains("waits for a node"));
      assertTrue(led.contains("none of the 1 nodes here has the role learner"), led);
    }
  }
}
