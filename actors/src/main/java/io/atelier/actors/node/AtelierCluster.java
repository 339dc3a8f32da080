package io.atelier.actors.node;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.Cluster;
import com.typesafe.config.Config;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.run.record.Terminal;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;

/** Nodes of a run in Akka clusters that exist. */
public final class AtelierCluster {

  private static final Set<String> CLUSTERS =
      Set.of("cluster", "akka.cluster.ClusterActorRefProvider");

  private static final String FRAME = "akka.remote.artery.advanced.maximum-frame-size";

  /** A message, 256 KiB, and the addresses around it. */
  private static final long FRAME_BYTES = 264 << 10;

  /** Actor systems that had a learner: a singleton that was begun in one stays as it is. */
  private static final Map<akka.actor.ActorSystem, Boolean> LEARNERS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private AtelierCluster() {}

  /**
   * Takes part in a run with an actor system that is in a cluster. All members that take part have
   * the same configuration; the others are left alone. A cluster has one run at a time, and an
   * actor system one run with the role learner in its life. There is no page, whatever {@code
   * page.port} says.
   *
   * @param config of which {@code cluster.host}, {@code port} and {@code seeds} are not read: the
   *     actor system is where it is, and in the cluster that it is in
   * @param roles which the member needs to have as Akka's roles, too, before it joins its cluster
   * @throws InvalidConfigException if the actor system or the configuration cannot be used
   */
  public static ClusterNode join(ActorSystem<?> system, TrainConfig config, Set<NodeRole> roles) {
    Config akka = system.settings().config();
    String provider = akka.getString("akka.actor.provider");
    if (!CLUSTERS.contains(provider)) {
      throw new InvalidConfigException(
          "akka.actor.provider of actor system %s is %s, must be cluster"
              .formatted(system.name(), provider));
    }
    if (akka.getBytes(FRAME) < FRAME_BYTES) {
      throw new InvalidConfigException(
          "%s of actor system %s is %s, must be 264 KiB at least, on all members that take part"
              .formatted(FRAME, system.name(), akka.getString(FRAME)));
    }
    Cluster cluster = Cluster.get(Adapter.toClassic(system));
    Set<String> has = new TreeSet<>(cluster.getSelfRoles());
    has.removeIf(role -> role.startsWith("dc-")); // Akka's own
    Set<String> missing = new TreeSet<>();
    roles.forEach(role -> missing.add(role.toString()));
    missing.removeAll(has);
    if (roles.isEmpty() || !missing.isEmpty()) {
      throw new InvalidConfigException(
          "akka.cluster.roles of actor system %s is %s, must have %s"
              .formatted(
                  system.name(),
                  has,
                  roles.isEmpty() ? "a role of the run" : String.join(", ", missing)));
    }
    boolean leads = roles.contains(NodeRole.LEARNER);
    if (leads && LEARNERS.containsKey(Adapter.toClassic(system))) {
      throw new InvalidConfigException(
          "actor system %s had the role learner in a run before; make another one"
              .formatted(system.name()));
    }
    Address self = cluster.selfAddress();
    TrainConfig here =
        config.with(
            "cluster.host=" + self.getHost().orElseThrow(),
            "cluster.port=" + self.getPort().orElseThrow());
    NodeWork work = NodeWork.of(here, roles, Plugins.found(), Terminal.silent());
    ClusterNode node = ClusterNode.join(system, work);
    if (leads) {
      LEARNERS.put(Adapter.toClassic(system), true);
    }
    return node;
  }
}
