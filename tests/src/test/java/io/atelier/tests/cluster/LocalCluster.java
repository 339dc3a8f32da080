package io.atelier.tests.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Nodes on this machine, each in a JVM of its own. */
final class LocalCluster implements AutoCloseable {

  private final List<NodeProcess> nodes = new ArrayList<>();

  /**
   * Nodes that are not started yet.
   *
   * @param roles the role of each, such as {@code learner}
   * @param settings {@code key=value} pairs that all of them get
   * @param folder where they write their output
   */
  LocalCluster(List<String> roles, List<String> settings, Path folder) throws IOException {
    List<Integer> ports = freePorts(roles.size());
    String seeds =
        ports.stream().map(p -> "\"127.0.0.1:%d\"".formatted(p)).collect(Collectors.joining(", "));
    for (int i = 0; i < roles.size(); i++) {
      List<String> arguments = new ArrayList<>(List.of("node", "--role", roles.get(i)));
      arguments.add("cluster.seeds=[" + seeds + "]");
      arguments.add("cluster.port=" + ports.get(i));
      arguments.addAll(settings);
      String name = roles.get(i).replace(',', '+') + "-" + i;
      nodes.add(new NodeProcess(name, arguments, folder.resolve(name + ".out")));
    }
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
