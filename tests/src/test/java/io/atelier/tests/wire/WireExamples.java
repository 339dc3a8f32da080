package io.atelier.tests.wire;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Credit;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.protocol.WireMessage;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.RunKey;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.MovedCredit;
import io.atelier.learner.loss.LossTerms;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** One message or more of every type that travels. A new type of message needs a line here. */
final class WireExamples {

  private static final WorkerId WORKER = new WorkerId(Role.ROLLOUT, "rollout-0", 3, "node-b");
  private static final BlobRef BLOB = new BlobRef("node-b", Long.MAX_VALUE, 98_304, 0x8000_0001);
  private static final Span SPAN = new Span(-5, 7_000_000_000L);

  private WireExamples() {}

  /** Returns them; the kit makes the actors that some of them name. */
  static List<WireMessage> all(ActorTestKit kit) {
    ActorRef<WorkerCommand> worker = ref(kit);
    ActorRef<HostCommand> host = ref(kit);
    ActorRef<ConductorCommand> conductor = ref(kit);
    List<WireMessage> all =
        new ArrayList<>(
            List.of(
                new WorkerCommand.Load(1, 0),
                new WorkerCommand.Generate(
                    2,
                    new GroupId(41, 7),
                    new Prompt(12, "a cat 🐈 on a \"mat\"", "{\"tag\":\"x\"}")),
                new WorkerCommand.Load(4, -1),
                new WorkerCommand.Score(5, BLOB),
                new WorkerCommand.Revoke(Long.MIN_VALUE),
                new HostCommand.Welcome(
                    conductor, 2, "10.0.0.1:4011/5f3a0001", new RunKey(Long.MIN_VALUE, 0, -1, 7)),
                new HostCommand.Refused("it would not compute the same. model: b, the run has a"),
                new HostCommand.Rejoin(2),
                new HostCommand.Trained(41),
                new HostCommand.Replace(WORKER, "does not answer"),
                new HostCommand.Drain(2),
                new HostCommand.SetAside(2, Role.ROLLOUT, "out of memory", true),
                new HostCommand.RunOver(2, Optional.empty()),
                new HostCommand.RunOver(2, Optional.of("loss is NaN in step 3")),
                new ConductorCommand.NodeJoined(
                    "node-b", List.of(Role.values()), identity(), "the CPU", 1L << 33, host),
                new ConductorCommand.Ask(ref(kit)),
                new ConductorCommand.Pause(true, ref(kit)),
                new ConductorCommand.Amend("reward.jpeg.weight", 0.5, "too smooth", ref(kit)),
                new ConductorCommand.Drain("10.0.0.2:25520", ref(kit)),
                status(),
                new RunStatus.Done(false, "there is no node 10.0.0.2:25520"),
                new ConductorCommand.NodeBeat("node-c", 1, List.of(), List.of(), host),
                new ConductorCommand.NodeBeat(
                    "node-c",
                    7,
                    List.of(new ConductorCommand.Seat(new WorkerState(WORKER, 3, true), worker)),
                    List.of(BLOB),
                    host)));
    all.addAll(ofGradients(kit));
    all.addAll(ofEvaluations(kit));
    events().forEach(event -> all.add(new ConductorCommand.Happened(event)));
    return List.copyOf(all);
  }

  private static List<WireMessage> ofGradients(ActorTestKit kit) {
    ActorRef<WorkerCommand> worker = ref(kit);
    ActorRef<PoolCommand> pool = ref(kit);
    MicroBatch plain =
        new MicroBatch(
            3,
            new GroupId(41, 7),
            1,
            2,
            4,
            new Prompt(12, "a cat"),
            new double[] {-0.5, 5},
            new float[0],
            1 / 96.0);
    MicroBatch decoupled =
        new MicroBatch(
            0,
            new GroupId(0, 0),
            0,
            0,
            1,
            new Prompt(0, ""),
            new double[] {-0.0},
            new float[] {-1.25f},
            1,
            IntStream.range(0, PlaceGrid.COUNT).mapToDouble(p -> p / 7.0 - 1).toArray());
    LossTerms terms = new LossTerms(-0.5, -0.25, 1e-9, -1.4f, 1.000001, 1e-12, true, false);
    return List.of(
        new ConductorCommand.PoolWorkerReady(PoolCommand.Task.GRADIENT, worker),
        new WorkerCommand.Compute(7, 41, "5f3a", Optional.empty(), BLOB, plain, pool),
        new WorkerCommand.Compute(8, 41, "5f3b", Optional.of(BLOB), BLOB, decoupled, pool),
        new PoolCommand.Computed(7, worker, "5f3a", BLOB, List.of(terms, terms)),
        new PoolCommand.NotDone(8, worker, "out of memory"));
  }

  private static List<WireMessage> ofEvaluations(ActorTestKit kit) {
    ActorRef<WorkerCommand> evaluator = ref(kit);
    return List.of(
        new ConductorCommand.PoolWorkerReady(PoolCommand.Task.EVALUATION, evaluator),
        new WorkerCommand.Evaluate(9, 40, "5f3a", ref(kit)),
        new PoolCommand.Evaluated(9, evaluator, BLOB));
  }

  private static RunStatus status() {
    LedgerStatus ledger =
        new LedgerStatus(
            41,
            80,
            true,
            new LedgerStatus.Stream(41, "5f3a", 2),
            new LedgerStatus.Stream(-1, "", 0),
            new TreeMap<>(Map.of("generating", 3)),
            new Counts(90, 80, 1, 9, 2, 3, 4),
            List.of("a checkpoint is being written"),
            List.of(
                new LedgerStatus.Worker(
                    WORKER,
                    "leased",
                    41,
                    "5f3a",
                    48,
                    Optional.of(new GroupId(42, 0)),
                    "samples",
                    12)),
            List.of(
                new LedgerStatus.Node("node-b", List.of(Role.ROLLOUT), false, 300, List.of("x"))),
            new LedgerStatus.Troubles(1, 2, 8_100));
    RunStatus.Recent recent =
        new RunStatus.Recent(
            10,
            .5,
            18.2,
            new TreeMap<>(Map.of(0, 3, 1, 9)),
            new TreeMap<>(Map.of("rollout", .03)),
            new TreeMap<>(Map.of("rollout-0", .4)));
    RunStatus.Helper helper =
        new RunStatus.Helper("gradient", "10.0.0.2:25520", "waits for a micro-batch", 17);
    return new RunStatus(
        2,
        "10.0.0.1:25520",
        "http://127.0.0.1:25600",
        ledger,
        recent,
        List.of(helper),
        new TreeMap<>(Map.of("node-b", "10.0.0.2:25520")),
        new TreeMap<>(Map.of("node-b", "the CPU in float32")),
        identity().digests());
  }

  private static Identity identity() {
    TreeMap<String, String> files = new TreeMap<>(Map.of("vae/config.json", "5f3a"));
    return new Identity(
        new TreeMap<>(Map.of("run.seed", "1")),
        new TreeMap<>(
            Map.of(
                "model", Identity.Part.of("/models/a", files),
                "program", Identity.Part.named("0.1.0", "build"))));
  }

  private static <T> ActorRef<T> ref(ActorTestKit kit) {
    return kit.<T>createTestProbe().ref();
  }

  private static List<Event> events() {
    return List.of(
        new Event.Tick(1_234_567),
        new Event.Published(Weights.CRITIC, 1, "5f3a"),
        new Event.NoRoom(WORKER, 4, 1L << 33),
        new Event.NotLoaded(WORKER, 4, "no chunk came for 10000 ms"),
        new Event.WorkerLost(WORKER, Optional.empty()),
        new Event.WorkerLost(WORKER, Optional.of("out of memory")),
        new Event.NodeJoined("node-b", List.of(Role.REWARD), true, 1L << 40),
        new Event.NodeBeat("node-b", 9, List.of(new WorkerState(WORKER, 3, false)), List.of(BLOB)),
        new Event.NodeLost("node-b"),
        new Event.GaveUp(WORKER, 4, "out of memory", true),
        new Event.Landed(new GroupId(41, 7), 11, BLOB, Optional.of(BLOB)),
        new Event.NotLanded(new GroupId(41, 7), 11, "blob 3 is gone"),
        new Event.ImagesGone(WORKER, 11, "blob 3 is gone"),
        new Event.Loaded(WORKER, 9, "5f3a", 48, new Span(10, 20)),
        new Event.Generated(WORKER, 10, "5f3a", BLOB, BLOB, SPAN),
        new Event.Scored(
            WORKER,
            11,
            "77",
            scores(),
            List.of(scores(), scores()),
            Optional.of(BLOB),
            Optional.of(BLOB),
            SPAN,
            15,
            SPAN),
        new Event.Scored(
            WORKER,
            11,
            "",
            scores(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            SPAN,
            15,
            SPAN),
        new Event.ScoreLater(WORKER, 12, "busy"),
        new Event.Unscorable(WORKER, 13, "no text in the image"),
        new Event.Released(WORKER, 14),
        new Event.PolicyTrained(41, "5f3b", List.of()),
        new Event.PolicyTrained(
            41,
            "5f3b",
            List.of(
                new Credit(
                    new Prompt(3, "a fox", "{}"),
                    new float[] {0.5f, -1e-9f},
                    List.of(new double[] {5, -5e-300}),
                    Optional.empty()),
                new Credit(
                    new Prompt(4, "a dog", "{}"),
                    new float[] {0.5f, -1e-9f},
                    List.of(new double[] {5, -5e-300}),
                    Optional.of(new MovedCredit(8, 8, new double[] {0.25, -0.25}))))),
        new Event.CriticTrained(41, "78"),
        new Event.NotEvaluated(40, 2, "out of memory"),
        new Event.Evaluated(40),
        new Event.CheckpointWritten(40),
        new Event.Journaled(41),
        new Event.StopRequested(true),
        new Event.PauseRequested(true),
        new Event.CheckpointRequested(),
        new Event.EvaluationRequested(),
        new Event.AmendmentRequested("critic.every", 2, ""),
        new Event.Broken("the disk is full"));
  }

  private static Reward.Scored scores() {
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("jpeg", new float[] {0.5f, -0.0f, Float.MIN_VALUE});
    parts.put("adversarial", new float[] {1, 2, Float.MAX_VALUE});
    return new Reward.Scored(
        new float[] {1.25f, -3e-8f, 0}, parts, new float[] {-0.0f, 1e-30f, Float.MAX_VALUE});
  }
}
