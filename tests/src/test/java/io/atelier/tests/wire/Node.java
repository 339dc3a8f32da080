package io.atelier.tests.wire;

import akka.actor.Address;
import akka.actor.CoordinatedShutdown;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.cluster.ClusterEvent;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.cluster.typed.Subscribe;
import com.typesafe.config.ConfigFactory;
import java.util.HashSet;
import java.util.Set;

/** An actor system on loopback with the settings that nodes have, at a port of its own. */
final class Node implements AutoCloseable {

  private static final String OWN =
      """
      akka.remote.artery.canonical.port = 0
      akka.cluster.jmx.multi-mbeans-in-same-jvm = on
      akka.actor.testkit.typed.single-expect-default = 30 s
      """;

  private final ActorTestKit kit;

  private Node(ActorTestKit kit) {
    this.kit = kit;
  }

  /**
   * Starts one.
   *
   * @param settings name of the file: cluster or cluster-tls
   * @param more settings on top
   */
  static Node start(String settings, String more) {
    return new Node(
        ActorTestKit.create(
            "atelier",
            ConfigFactory.load(
                ConfigFactory.parseString(OWN + more)
                    .withFallback(
                        ConfigFactory.parseResources("io/atelier/actors/" + settings + ".conf")))));
  }

  ActorTestKit kit() {
    return kit;
  }

  Address address() {
    return Cluster.get(kit.system()).selfMember().address();
  }

  int port() {
    return (Integer) address().port().get();
  }

  /** Tries to join the cluster of another node, or its own. */
  void join(Node other) {
    Cluster.get(kit.system()).manager().tell(Join.create(other.address()));
  }

  /** Waits until a node is seen as a member here. */
  void awaitUp(Node other) {
    TestProbe<ClusterEvent.MemberUp> ups = kit.createTestProbe(ClusterEvent.MemberUp.class);
    Cluster.get(kit.system())
        .subscriptions()
        .tell(Subscribe.create(ups.ref(), ClusterEvent.MemberUp.class));
    while (!ups.receiveMessage().member().address().equals(other.address())) {
      // the members that were there before
    }
  }

  /** Addresses of the members as this node sees them. */
  Set<Address> members() {
    Set<Address> addresses = new HashSet<>();
    Cluster.get(kit.system())
        .state()
        .getMembers()
        .forEach(member -> addresses.add(member.address()));
    return addresses;
  }

  /** An actor of another node, as this one reaches it. */
  <T> ActorRef<T> reach(Node other, ActorRef<T> ref) {
    String path = ActorRefResolver.get(other.kit.system()).toSerializationFormat(ref);
    return ActorRefResolver.get(kit.system()).resolveActorRef(path);
  }

  /** Ends as a node does, which is in time: a half closed connection with TLS may never end. */
  @Override
  public void close() {
    CoordinatedShutdown.get(kit.system())
        .runAll(CoordinatedShutdown.actorSystemTerminateReason())
        .toCompletableFuture()
        .join();
  }
}
