package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Nodes on this machine, each in a JVM of its own. */
final class LocalCluster implements AutoCloseable {

  /** The control port of a node that has an address of its own. */
  static final int PORT = 25520;

  private final List<NodeProcess> nodes = new ArrayList<>();

  /**
   * Nodes that are not started yet.
   *
   * @param roles the role of each, such as {@code learner}
   * @param settings {@code key=value} pairs that all of them get
   * @param folder where they write their output
   */
  LocalCluster(List<String> roles, List<String> settings, Path folder) throws IOException {
    this(roles, roles.size(), settings, folder);
  }

  /**
   * The same.
   *
   * @param seeds how many of the nodes all join by
   */
  LocalCluster(List<String> roles, int seeds, List<String> settings, Path folder)
      throws IOException {
    List<Integer> ports = freePorts(roles.size());
    List<String> addresses = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    for (int i = 0; i < roles.size(); i++) {
      add(roles.get(i), List.of(), addresses, seeds, settings, folder);
    }
  }

  /** The same, each in a place of its own in a network, on port {@link #PORT}. */
  LocalCluster(List<String> roles, List<String> settings, Path folder, Network network) {
    List<String> addresses =
        IntStream.range(0, roles.size()).mapToObj(i -> network.address(i) + ":" + PORT).toList();
    List<String> all = new ArrayList<>(settings);
    all.add("cluster.trust-network=true");
    for (int i = 0; i < roles.size(); i++) {
      add(roles.get(i), network.inside(i), addresses, addresses.size(), all, folder);
    }
  }

  private void add(
      String role,
      List<String> place,
      List<String> addresses,
      int seeds,
      List<String> settings,
      Path folder) {
    String[] own = addresses.get(nodes.size()).split(":");
    List<String> arguments = new ArrayList<>(List.of("node", "--role", role));
    arguments.add("cluster.seeds=[\"" + String.join("\", \"", addresses.subList(0, seeds)) + "\"]");
    arguments.addAll(List.of("cluster.host=" + own[0], "cluster.port=" + own[1]));
    arguments.addAll(settings);
    String name = role.replace(',', '+') + "-" + nodes.size();
    nodes.add(new NodeProcess(name, place, arguments, folder.resolve(name + ".out")));
  }

  /** Ports that were free a moment ago, all different. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  LocalCluster start() throws IOException {
    for (NodeProcess node : nodes) {
      node.start();
    }
    return this;
  }

  NodeProcess node(int index) {
    return nodes.get(index);
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  /** Waits until a node has ended well; fails with what all nodes wrote. */
  void awaitEnd(NodeProcess node) throws InterruptedException {
    Chaos.await(() -> !node.isAlive(), 120, () -> node.name + " does not end:\n" + output());
    assertEquals(0, node.await(1), this::output);
  }

  /** What all nodes wrote. */
  String output() {
    return nodes.stream()
        .map(node -> "==== %s%n%s".formatted(node.name, node.output()))
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
  }
}
