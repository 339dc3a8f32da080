package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A network that can be parted: every node has a network namespace of its own, with one address,
 * and a bridge in one more namespace joins them. Nothing of it is in the namespace of the tests. It
 * takes Linux, root, {@code ip} and {@code tc} of iproute2, and {@code nft} of nftables where
 * datagrams are dropped.
 */
final class Network implements AutoCloseable {

  private static final String PREFIX = "atelier-";
  private static final String SUBNET = "10.77.0.";

  /** A class of packets that all are dropped. */
  private static final String DROPPED = "1:1";

  /** A table of nftables in the bridge, so that who sends a packet does not see it dropped. */
  private static final String FIREWALL =
      """
      table bridge atelier {
        set blocked { type ipv4_addr; }
        %s
        chain forward {
          type filter hook forward priority 0;
          %s
        }
      }
      """;

  private final String name = PREFIX + ProcessHandle.current().pid() + "-";
  private final String hub = name + "hub";
  private final int size;

  private Network(int size) {
    this.size = size;
  }

  /**
   * Makes a network; the test that asks is skipped where that cannot be done.
   *
   * @param size number of nodes, at most 200
   */
  static Network create(int size) throws InterruptedException {
    Network network = new Network(size);
    try {
      removeLeftovers();
      network.build();
      return network;
    } catch (IOException e) {
      network.close();
      return abort("no network namespaces can be made here: " + e.getMessage());
    }
  }

  /** Of tests that were killed. */
  private static void removeLeftovers() throws IOException, InterruptedException {
    for (String line : run("ip", "netns", "list").lines().toList()) {
      String namespace = line.split(" ")[0];
      if (namespace.matches(PREFIX + "[0-9]+-.*")
          && ProcessHandle.of(Long.parseLong(namespace.split("-")[1])).isEmpty()) {
        run("ip", "netns", "delete", namespace);
      }
    }
  }

  private void build() throws IOException, InterruptedException {
    run("ip", "netns", "add", hub);
    ip(hub, "link add name bridge0 type bridge");
    ip(hub, "link set dev bridge0 up");
    for (int i = 0; i < size; i++) {
      String node = name + i;
      run("ip", "netns", "add", node);
      ip(hub, "link add name %s type veth peer name eth0 netns %s".formatted(port(i), node));
      ip(hub, "link set dev %s master bridge0 up".formatted(port(i)));
      ip(node, "address add %s/24 dev eth0".formatted(address(i)));
      ip(node, "link set dev eth0 up");
      ip(node, "link set dev lo up");
      tc("qdisc add dev %s root handle 1: htb".formatted(port(i)));
      tc("class add dev %s parent 1: classid %s htb rate 1mbit".formatted(port(i), DROPPED));
      tc("qdisc add dev %s parent %s handle 2: pfifo limit 0".formatted(port(i), DROPPED));
    }
  }

  /** Where a packet to a node leaves the bridge. */
  private static String port(int node) {
    return "port" + node;
  }

  /** The one address of a node but for 127.0.0.1. */
  String address(int node) {
    return SUBNET + (node + 1);
  }

  /** What to put before a command so that it runs where the node is. */
  List<String> inside(int node) {
    return List.of("ip", "netns", "exec", name + node);
  }

  /** Drops every packet between these nodes and the others, until {@link #heal}. */
  void cut(Set<Integer> side) throws IOException, InterruptedException {
    for (int to = 0; to < size; to++) {
      for (int from = 0; from < size; from++) {
        if (side.contains(to) != side.contains(from)) {
          tc(
              "filter add dev %s parent 1: protocol ip u32 match ip src %s/32 classid %s"
                  .formatted(port(to), address(from), DROPPED));
        }
      }
    }
  }

  /** Lets all packets through that {@link #cut} dropped. */
  void heal() throws IOException, InterruptedException {
    for (int to = 0; to < size; to++) {
      tc("filter del dev %s parent 1:".formatted(port(to)));
    }
  }

  /** Packets to a node that were dropped so far. */
  long dropped(int node) throws IOException, InterruptedException {
    String json = run("tc", "-netns", hub, "-s", "-json", "qdisc", "show", "dev", port(node));
    for (JsonNode queue : new ObjectMapper().readTree(json)) {
      if (queue.get("kind").asText().equals("pfifo")) {
        return queue.get("drops").asLong();
      }
    }
    throw new IOException("no queue of dropped packets: " + json);
  }

  /**
   * Has a firewall ready that drops UDP and nothing else; the test that asks is skipped where there
   * is none.
   */
  Network withFirewall() throws InterruptedException {
    try {
      List<String> counters = new ArrayList<>();
      List<String> rules = new ArrayList<>();
      for (int node = 0; node < size; node++) {
        counters.add("counter udp%d {}".formatted(node));
        String rule = "ip %s %s ip protocol udp ip %1$s @blocked counter name udp%d drop";
        rules.add(rule.formatted("saddr", address(node), node));
        rules.add(rule.formatted("daddr", address(node), node));
      }
      String all = FIREWALL.formatted(String.join("\n", counters), String.join("\n", rules));
      Path file = Files.createTempFile("atelier", ".nft");
      Files.writeString(file, all);
      try {
        nft("-f", file.toString());
      } finally {
        Files.delete(file);
      }
      return this;
    } catch (IOException e) {
      close();
      return abort("there is no firewall here: " + e.getMessage());
    }
  }

  /** Drops every UDP packet from and to a node, whatever its other packets do. */
  void blockUdp(int node) throws IOException, InterruptedException {
    nft("add element bridge atelier blocked { %s }".formatted(address(node)));
  }

  /** Lets them through again. */
  void unblockUdp(int node) throws IOException, InterruptedException {
    nft("delete element bridge atelier blocked { %s }".formatted(address(node)));
  }

  /** UDP packets from and to a node that were dropped so far. */
  long udpDropped(int node) throws IOException, InterruptedException {
    String json = nft("-j", "list counter bridge atelier udp" + node);
    for (JsonNode entry : new ObjectMapper().readTree(json).get("nftables")) {
      if (entry.has("counter")) {
        return entry.get("counter").get("packets").asLong();
      }
    }
    throw new IOException("no counter of dropped packets: " + json);
  }

  private String nft(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", hub, "nft"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** A command of {@code ./atelier} on the machine of a node; returns what it prints. */
  String atelier(int node, String admin, String command) throws IOException, InterruptedException {
    List<String> arguments = List.of(command, "--admin", admin);
    Process process =
        new ProcessBuilder(NodeProcess.command(inside(node), List.of(), List.of(), arguments))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  private static void ip(String namespace, String arguments)
      throws IOException, InterruptedException {
    run(command("ip", namespace, arguments));
  }

  private void tc(String arguments) throws IOException, InterruptedException {
    run(command("tc", hub, arguments));
  }

  private static String[] command(String program, String namespace, String arguments) {
    List<String> command = new ArrayList<>(List.of(program, "-netns", namespace));
    command.addAll(List.of(arguments.split(" ")));
    return command.toArray(String[]::new);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("%s: %s".formatted(String.join(" ", command), output));
    }
    return output;
  }

  /** Removes the namespaces, and with them all interfaces, as far as they are there. */
  @Override
  public void close() {
    for (int i = -1; i < size; i++) {
      try {
        run("ip", "netns", "delete", i < 0 ? hub : name + i);
      } catch (IOException e) {
        // it was not made
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // and the others are removed all the same
      }
    }
  }
}
