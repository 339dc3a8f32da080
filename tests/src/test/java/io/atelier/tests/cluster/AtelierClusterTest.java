package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.Address;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.node.AtelierCluster;
import io.atelier.actors.node.ClusterNode;
import io.atelier.actors.node.NodeRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members of an Akka cluster of somebody's own that take part in a run, and one that does not. */
@Timeout(200)
class AtelierClusterTest {

  private static final NodeRole[] WORKS = {NodeRole.ROLLOUT, NodeRole.REWARD};

  @TempDir Path folder;
  private final List<ActorSystem<Void>> systems = new ArrayList<>();

  private ActorSystem<Void> member(String roles) {
    ActorSystem<Void> system = system("cluster", roles);
    Address first = Cluster.get(systems.get(0)).selfMember().address();
    Cluster.get(system).manager().tell(Join.create(first));
    return system;
  }

  private ActorSystem<Void> system(String provider, String roles) {
    ActorSystem<Void> system =
        ActorSystem.create(
            Behaviors.empty(),
            "studio",
            ConfigFactory.parseString(
                    """
                    akka.actor.provider = %s
                    akka.actor.allow-java-serialization = off
                    akka.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
                    akka.remote.artery.advanced.maximum-frame-size = 264 KiB
                    akka.cluster.roles = [%s]
                    akka.cluster.jmx.multi-mbeans-in-same-jvm = on
                    akka.cluster.failure-detector.acceptable-heartbeat-pause = 30 s
                    akka.loglevel = WARNING
                    """
                        .formatted(provider, roles))
                .withFallback(ConfigFactory.load()));
    systems.add(system);
    return system;
  }

  @AfterEach
  void end() {
    systems.forEach(
        system ->
            CoordinatedShutdown.get(system)
                .runAll(CoordinatedShutdown.actorSystemTerminateReason())
                .toCompletableFuture()
                .join());
  }

  private TrainConfig config(Path run) {
    return TrainConfig.load("dev", QuietRun.settings(run, "run.steps=4").toArray(String[]::new));
  }

  @Test
  void shouldTrainAsOneProcessDoesAndLeaveTheMembersAlone() throws Exception {
    Path run = folder.resolve("run");
    ActorSystem<Void> web = member("web");
    ActorSystem<Void> leader = member("web, learner");
    ActorSystem<Void> worker = member("rollout, reward");
    try (ClusterNode leads = AtelierCluster.join(leader, config(run), Set.of(NodeRole.LEARNER));
        ClusterNode works = AtelierCluster.join(worker, config(run), Set.of(WORKS))) {
      assertEquals(
          "actor system studio takes part in a run already",
          refusal(worker, config(run), Set.of(WORKS)));
      assertTrue(works.await());
      // who was told leaves the cluster, which may be the end of the leading node
      String state = Files.readString(run.resolve("run.json"));
      assertTrue(state.contains("\"finished\"") && state.contains("\"epoch\" : 1"), state);
      assertTrue(Files.exists(run.resolve("report.html")), "the report is not written yet");
      assertTrue(leads.await());
    }
    QuietRun.of(folder.resolve("quiet"), "run.steps=4").assertSame(run, run::toString);
    assertPictured(run, 3);
    for (ActorSystem<Void> system : List.of(web, leader, worker)) {
      assertFalse(
          system.getWhenTerminated().toCompletableFuture().isDone(), system.address()::toString);
      assertEquals(3, size(system));
    }
    assertEquals(
        "actor system studio had the role learner in a run before; make another one",
        refusal(leader, config(run), Set.of(NodeRole.LEARNER)));
  }

  /** The leader has pictures that the worker made; those of the last step may come too late. */
  private static void assertPictured(Path run, int steps) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("pictures").resolve("index.jsonl"));
    for (int step = 1; step <= steps; step++) {
      String start = "{\"step\":%d,".formatted(step);
      String line = lines.stream().filter(l -> l.startsWith(start)).findFirst().orElseThrow();
      String file = line.replaceFirst(".*\"file\":\"([^\"]+)\".*", "$1");
      assertTrue(Files.size(run.resolve("pictures").resolve(file)) > 100, line);
    }
  }

  private static int size(ActorSystem<Void> system) {
    int size = 0;
    for (Member member : Cluster.get(system).state().getMembers()) {
      size++;
    }
    return size;
  }

  @Test
  void shouldNameWhatTheActorSystemLacks() {
    TrainConfig config = config(folder.resolve("run"));
    Set<NodeRole> roles = Set.of(NodeRole.LEARNER, NodeRole.REWARD);
    ActorSystem<Void> local = system("local", "");
    assertEquals(
        "akka.actor.provider of actor system studio is local, must be cluster",
        refusal(local, config, roles));
    ActorSystem<Void> web = system("cluster", "web, reward");
    assertEquals(
        "akka.cluster.roles of actor system studio is [reward, web], must have learner",
        refusal(web, config, roles));
  }

  private static String refusal(ActorSystem<Void> system, TrainConfig config, Set<NodeRole> roles) {
    return assertThrows(
            InvalidConfigException.class, () -> AtelierCluster.join(system, config, roles))
        .getMessage();
  }
}
