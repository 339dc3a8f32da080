package io.atelier.tests.simulation;

import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerAudit;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.rollout.GroupId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** One simulated run: a ledger, fake workers and learners, a network and a clock. */
final class World {

  /** Where the ledger lives. */
  private static final String HOME = "home";

  /** Times that the conductor stands still in one life, at most. */
  private static final int MOST_STALLS = 4;

  /** Bytes of images and trajectory, of features. */
  static final int GENERATED_BYTES = 2;

  static final int FEATURES_BYTES = 1;
  private static final int TRAJECTORY_BYTES = 1;

  private record Action(long time, long number, Runnable body) {}

  private final Plan plan;
  private final Map<Fault, Integer> counters;
  private final SplittableRandom random;
  private final Guarantees guarantees;
  private final Evaluators evaluators;
  private final PriorityQueue<Action> queue =
      new PriorityQueue<>(Comparator.comparingLong(Action::time).thenComparingLong(Action::number));
  private final List<String> nodes;
  private final Map<String, FakeWorker> workers = new TreeMap<>();
  private final Map<String, Map<String, FakeWorker>> byNode = new HashMap<>();
  private final Map<String, Long> beats = new HashMap<>();
  private final Map<Long, Long> blobs = new HashMap<>();
  private final Map<Long, String> blobNodes = new HashMap<>();
  private final Map<String, Integer> held = new HashMap<>();
  private final Set<Long> offered = new HashSet<>();
  private final Set<BlobRef> leftBlobs = new LinkedHashSet<>();

  /** Blobs that the ledger was told of and has not released. */
  private final Set<Long> handedOver = new HashSet<>();

  /** Blobs that it has released: if that was lost, their node is to say so. */
  private final Set<Long> released = new HashSet<>();

  private final Set<String> failed = new HashSet<>();
  private final Model model;
  private final List<LedgerEntry> journal = new ArrayList<>();
  private final Map<Integer, LedgerSnapshot> written = new TreeMap<>();
  private Ledger ledger;
  private int epoch;
  private long now;

  /** What the clock of this run, in this life, shows at time 0. */
  private long origin;

  private long actions;
  private long messages;
  private long lastDelivered;

  /** Since when and until when the conductor stands still, or did so last. */
  private long stalledSince;

  private long stalledUntil;

  /** What it was told meanwhile. */
  private final Deque<Supplier<Event>> unread = new ArrayDeque<>();

  /** How long it stood still before, all times together. */
  private long stalled;

  /** Whether its process stands still with it, so that it does not even look at the clock. */
  private boolean asleep;

  private long lastBlob;
  private boolean deserted;
  private boolean nodeLost;

  /** Nodes that have left since they were set aside, and roles of nodes that were. */
  private final Set<String> left = new HashSet<>();

  private final Set<String> aside = new HashSet<>();

  /** Nodes that stand still, and until when. */
  private final Map<String, Long> paused = new HashMap<>();

  private Optional<Effect> end = Optional.empty();

  World(Plan plan, Map<Fault, Integer> counters) {
    this.plan = plan;
    this.nodes = IntStream.range(0, plan.nodes()).mapToObj(World::node).toList();
    this.counters = counters;
    this.random = new SplittableRandom(plan.seed() + 1);
    this.model = new Model(plan.seed());
    this.guarantees = new Guarantees(plan);
    this.evaluators = new Evaluators(this, plan.config());
    this.ledger = Ledger.create(plan.config(), 0);
    replaceFlat();
    begin(Optional.empty());
  }

  static String node(int number) {
    return "node-" + number;
  }

  // ---------------------------------------------------------------- the run

  /** Runs to the end; returns the last effect. */
  Effect run() {
    long limit = plan.faultsUntil() + 20L * Plan.WATCHDOG;
    while (end.isEmpty()) {
      Action action = queue.remove();
      now = action.time();
      if (now > limit) {
        throw new AssertionError("the run stands still at %d ms".formatted(now));
      }
      action.body().run();
    }
    return end.get();
  }

  private void replaceFlat() {
    ledger.replaceFlat((id, attempt, scores) -> plan.flat(id, attempt), plan.flatReplacements());
  }

  private void begin(Optional<LedgerSnapshot> snapshot) {
    queue.clear();
    paused.clear();
    left.clear();
    aside.clear();
    unread.clear();
    stalledUntil = 0;
    nodes.forEach(this::beat);
    workers.clear();
    byNode.clear();
    blobs.clear();
    blobNodes.clear();
    held.clear();
    offered.clear();
    handedOver.clear();
    released.clear();
    origin = random(2) * 5_000_000_000L;
    at(now + random(5 * Plan.TICK), this::tick);
    for (int i = 0; i < plan.rollouts(); i++) {
      join(new WorkerId(Role.ROLLOUT, "rollout-" + i, 0, place(i, i)));
    }
    for (int i = 0; i < plan.rewards(); i++) {
      join(new WorkerId(Role.REWARD, "reward-" + i, 0, place(i, i + 1)));
    }
    for (String node : nodes) {
      List<Role> roles = workersOn(node).stream().map(w -> w.id.role()).distinct().toList();
      long bytes = GENERATED_BYTES + FEATURES_BYTES;
      at(now, () -> tell(new Event.NodeJoined(node, roles, true, plan.nodePlaces() * bytes)));
      guarantees.heard(node, awake());
    }
    at(
        now,
        () ->
            tell(
                new Event.NodeJoined(
                    HOME,
                    plan.homeWorks() ? List.of(Role.values()) : List.of(),
                    false,
                    plan.homePlaces() * homeBytes())));
    if (plan.homeWorks()) {
      beat(HOME);
    }
    List<Event> published = new ArrayList<>();
    for (long v : snapshot.map(s -> s.policyHashes().keySet()).orElse(Set.of(0L))) {
      published.add(new Event.Published(Weights.POLICY, v, Mix.hash(weights(Role.ROLLOUT, v))));
    }
    for (long v : snapshot.map(s -> s.criticHashes().keySet()).orElse(Set.of(0L))) {
      published.add(new Event.Published(Weights.CRITIC, v, Mix.hash(weights(Role.REWARD, v))));
    }
    published.forEach(event -> at(now + random(100), () -> tell(event)));
    disasters();
  }

  /** What happens to the run as a whole. */
  private void disasters() {
    if (happens(4)) {
      at(now + random(3_000), this::killAndResume);
    }
    // the only node that works must stay: the broken one would be alone, and rightly end the run
    int losable = plan.nodes() - (plan.kind() == Plan.Kind.BROKEN ? 1 : 0);
    if (happens(4)) {
      at(now + random(3_000), () -> loseNode(nodes.get(random(losable))));
    }
    if (happens(4)) {
      at(now + random(3_000), () -> pauseNode(nodes.get(random(losable))));
    }
    for (int i = random(2 * MOST_STALLS) - MOST_STALLS; i > 0; i--) {
      at(now + random(3_000), this::stall);
    }
    if (happens(4)) {
      at(now + random(3_000), this::pause);
    }
    if (happens(1)) {
      at(now + random(2_000), () -> tell(new Event.StopRequested(false)));
    }
    if (happens(4)) {
      at(now + random(3_000), () -> tell(new Event.CheckpointRequested()));
    }
    for (int i = random(3); i > 0; i--) {
      at(now + random(3_000), () -> tell(new Event.EvaluationRequested()));
    }
    if (plan.kind() == Plan.Kind.BROKEN_ALONE) {
      count(Fault.BROKEN_ALONE);
    }
    if (plan.kind() == Plan.Kind.DESERTED) {
      at(now + random(150), this::desert);
    }
  }

  private void tick() {
    if (now >= stalledUntil || !asleep) {
      tell(() -> new Event.Tick(origin + now));
    }
    at(now + Plan.TICK, this::tick);
  }

  /** The conductor does nothing for a while, and then all that it was told, in that order. */
  private void stall() {
    if (now < stalledUntil) {
      return;
    }
    asleep = chance(.5);
    count(asleep ? Fault.STALLED_WITH_ITS_PROCESS : Fault.STALLED);
    long length = Plan.NODE_SILENCE / 3 + random(5 * Plan.NODE_SILENCE);
    stalledSince = now;
    stalledUntil = now + length;
    int life = epoch;
    at(
        stalledUntil,
        () -> {
          if (life != epoch) {
            return;
          }
          stalled += length;
          guarantees.stalled();
          if (asleep) {
            unread.addFirst(() -> new Event.Tick(origin + now));
          }
          List<Supplier<Event>> late = List.copyOf(unread);
          unread.clear();
          late.stream().takeWhile(event -> life == epoch).forEach(event -> handle(event.get()));
        });
  }

  /** Time in which the conductor did not stand still. */
  private long awake() {
    return (stalledUntil > now ? stalledSince : now) - stalled;
  }

  /** Everything dies; the run goes on from the last checkpoint that was written. */
  private void killAndResume() {
    if (!written.isEmpty()) {
      count(Fault.KILLED_AND_RESUMED);
      resume();
    }
  }

  private void resume() {
    LedgerSnapshot snapshot = new ArrayList<>(written.values()).get(written.size() - 1);
    journal.subList((int) snapshot.journalLength(), journal.size()).clear();
    model.rewind(snapshot.step());
    guarantees.resumed(snapshot);
    evaluators.resumed(snapshot);
    ledger = Ledger.resume(plan.config(), ++epoch, snapshot);
    ledger.evaluated(evaluators.file());
    replaceFlat();
    begin(Optional.of(snapshot));
  }

  /** No leases are given for a while. */
  private void pause() {
    if (ledger.counts().open() > 0) {
      count(Fault.PAUSED);
    }
    tell(new Event.PauseRequested(true));
    at(now + random(2_000), () -> tell(new Event.PauseRequested(false)));
  }

  private void loseNode(String node) {
    count(Fault.NODE_LOST);
    nodeLost = true;
    blobNodes.entrySet().stream()
        .filter(e -> e.getValue().equals(node))
        .map(Map.Entry::getKey)
        .toList()
        .forEach(this::forget);
    workersOn(node).forEach(FakeWorker::leave);
    at(
        now + random(200),
        () -> {
          network(() -> tell(new Event.NodeLost(node)));
          for (FakeWorker worker : workersOn(node)) {
            worker.leave();
            at(now + random(500), () -> restart(worker));
          }
        });
  }

  /** A node tells who is there, as long as it can. */
  private void beat(String node) {
    at(
        now + Plan.BEAT,
        () -> {
          sayBeat(node);
          beat(node);
        });
  }

  /** What workers that are gone said last and perhaps nobody heard, and what others said before. */
  void left(BlobRef blob) {
    leftBlobs.add(blob);
  }

  private List<BlobRef> leftAt(String node) {
    leftBlobs.removeIf(blob -> !blobs.containsKey(blob.id()));
    return leftBlobs.stream().filter(blob -> blob.node().equals(node)).toList();
  }

  private void sayBeat(String node) {
    if (isPaused(node) || left.contains(node)) {
      return;
    }
    List<WorkerState> there =
        workersOn(node).stream().filter(FakeWorker::isListed).map(FakeWorker::state).toList();
    Event beat = new Event.NodeBeat(node, beats.merge(node, 1L, Long::sum), there, leftAt(node));
    network(
        () -> {
          guarantees.heard(node, awake());
          tell(beat);
        });
  }

  /** A node stands still, and goes on later as if nothing had happened. */
  private void pauseNode(String node) {
    count(Fault.NODE_PAUSED);
    nodeLost = true;
    paused.put(node, now + random(4 * Plan.NODE_SILENCE));
  }

  boolean isPaused(String node) {
    return pausedUntil(node) > now;
  }

  long pausedUntil(String node) {
    return paused.getOrDefault(node, 0L);
  }

  /** The conductor tells a node that it was taken for lost. */
  private void rejoin(String node) {
    count(Fault.NODE_CAME_BACK);
    blobNodes.entrySet().stream()
        .filter(e -> e.getValue().equals(node))
        .map(Map.Entry::getKey)
        .toList()
        .forEach(this::forget);
    workersOn(node).forEach(worker -> at(now + random(100), () -> restart(worker)));
  }

  private List<FakeWorker> workersOn(String node) {
    return List.copyOf(byNode.getOrDefault(node, Map.of()).values());
  }

  private void desert() {
    deserted = true;
    count(Fault.DESERTED);
    for (FakeWorker worker : List.copyOf(workers.values())) {
      if (worker.id.role() == Role.ROLLOUT) {
        lost(worker, Optional.empty());
      }
    }
  }

  // ---------------------------------------------------------------- workers

  private void join(WorkerId id) {
    FakeWorker worker = new FakeWorker(this, id);
    workers.put(id.name(), worker);
    byNode.computeIfAbsent(id.node(), node -> new TreeMap<>()).put(id.name(), worker);
    at(
        now + random(60),
        () -> {
          worker.ready();
          sayBeat(id.node());
        });
  }

  /** A worker is gone, its supervisor says so and starts its next incarnation. */
  void lost(FakeWorker worker, Optional<String> error) {
    worker.leave();
    // an error that is not heard of can not count against a group or node that always fails
    if (error.isPresent()) {
      at(now + random(50), () -> tell(new Event.WorkerLost(worker.id, error)));
    } else {
      network(() -> tell(new Event.WorkerLost(worker.id, error)), Fault.LOSS_LOST);
    }
    at(now + 20 + random(300), () -> restart(worker));
  }

  private void restart(FakeWorker old) {
    old.leave();
    boolean gone =
        deserted && old.id.role() == Role.ROLLOUT
            || aside.contains(old.id.role() + old.id.node())
            || left.contains(old.id.node());
    if (workers.get(old.id.name()) == old && !gone) {
      WorkerId id = old.id;
      join(new WorkerId(id.role(), id.name(), id.incarnation() + 1, id.node()));
    }
  }

  // ---------------------------------------------------------------- messages

  /** Tells the ledger, now or when the conductor stands still no longer. */
  void tell(Event event) {
    tell(() -> event);
  }

  private void tell(Supplier<Event> event) {
    if (now < stalledUntil) {
      unread.add(event);
    } else {
      handle(event.get());
    }
  }

  /** Tells the ledger, does what it wants, and checks that it kept its word. */
  private void handle(Event event) {
    if (end.isPresent()) {
      return;
    }
    boolean tick = event instanceof Event.Tick;
    List<String> present = tick ? ledger.presentNodes() : List.of();
    if (event instanceof Event.Generated generated) {
      handOver(generated.images());
      handOver(generated.trajectory());
    } else if (event instanceof Event.Scored scored) {
      scored.features().ifPresent(this::handOver);
      scored.pictures().ifPresent(this::handOver);
    }
    if (event instanceof Event.PauseRequested request) {
      guarantees.pause(request.pause());
    } else if (event instanceof Event.StopRequested) {
      guarantees.pause(false);
    }
    if (event instanceof Event.EvaluationRequested) {
      evaluators.requested(ledger.newest());
    }
    if (event instanceof Event.Evaluated done) {
      evaluators.heard(done);
    }
    List<Effect> effects = ledger.on(event);
    for (Effect effect : effects) {
      guarantees.see(effect, awake());
      evaluators.see(effect);
      apply(effect);
    }
    if (tick) {
      Set<String> still = Set.copyOf(ledger.presentNodes());
      present.stream()
          .filter(node -> !still.contains(node))
          .forEach(node -> guarantees.silent(node, awake()));
    }
    guarantees.check(ledger, handedOver.size(), effects.size(), awake());
  }

  private void handOver(BlobRef blob) {
    if (blobs.containsKey(blob.id()) && !released.contains(blob.id())) {
      handedOver.add(blob.id());
    }
  }

  private void apply(Effect effect) {
    if (effect instanceof Effect.Order order) {
      FakeWorker worker = workers.get(order.worker().name());
      network(
          () -> {
            if (workers.get(order.worker().name()) == worker && worker.id.equals(order.worker())) {
              worker.receive(order);
            }
          });
    } else if (effect instanceof Effect.Replace replace) {
      FakeWorker worker = workers.get(replace.worker().name());
      network(
          () -> {
            if (workers.get(worker.id.name()) == worker && worker.id.equals(replace.worker())) {
              restart(worker);
            }
          },
          Fault.REPLACE_LOST);
    } else if (effect instanceof Effect.SetAside told) {
      setAside(told);
    } else if (effect instanceof Effect.Rejoin rejoin) {
      network(() -> rejoin(rejoin.node()), Fault.REJOIN_LOST);
    } else if (effect instanceof Effect.Land land) {
      land(land);
    } else if (effect instanceof Effect.Release release) {
      release(release.blob());
    } else if (effect instanceof Effect.Train train) {
      train(train);
    } else if (effect instanceof Effect.Write write) {
      journal.add(write.entry());
      if (write.entry() instanceof LedgerEntry.Dropped drop && drop.reason().startsWith("flat")) {
        count(Fault.FLAT);
      }
      if (write.entry() instanceof LedgerEntry.Step step) {
        int life = epoch;
        at(
            now + random(happens(1) ? 2_000 : 20),
            () -> {
              if (life == epoch) {
                guarantees.journaled(step.step() + 1);
                tell(new Event.Journaled(step.step() + 1));
              }
            });
      }
    } else if (effect instanceof Effect.Checkpoint due) {
      LedgerSnapshot snapshot = due.snapshot().withJournalLength(journal.size());
      at(
          now + random(200),
          () -> {
            written.put(snapshot.step(), snapshot);
            guarantees.checkpointWritten();
            tell(new Event.CheckpointWritten(snapshot.step()));
          });
    } else if (effect instanceof Effect.Report report) {
      if (report.message().contains("there is no room")) {
        count(Fault.MADE_ROOM);
      }
    } else if (effect instanceof Effect.Finish finish) {
      finished(finish);
    } else if (effect instanceof Effect.Fail) {
      end = Optional.of(effect);
    }
  }

  /** Said until the node has heard of it. */
  private void setAside(Effect.SetAside told) {
    count(Fault.SET_ASIDE);
    network(
        () -> {
          aside.add(told.role() + told.node());
          if (told.leaves()) {
            left.add(told.node());
            nodeLost = true;
          }
          workersOn(told.node()).stream()
              .filter(w -> w.id.role() == told.role())
              .forEach(FakeWorker::leave);
        });
  }

  /** Copies what is still there to the ledger's own node, which outlives all others. */
  private void land(Effect.Land land) {
    at(
        now + random(60),
        () -> {
          if (!hasRoom(HOME, missing(land))) {
            if (ledger.awaitsLanding(land.id(), land.order())) {
              land(land);
            }
            return;
          }
          Optional<Long> trajectory = get(land.trajectory());
          Optional<Optional<Long>> features =
              land.features().map(f -> get(f).map(Optional::of).orElse(Optional.empty()));
          if (trajectory.isEmpty() || features.filter(Optional::isEmpty).isPresent()) {
            count(Fault.NOT_LANDED);
            tell(new Event.NotLanded(land.id(), land.order(), "a blob is gone"));
            return;
          }
          tell(
              new Event.Landed(
                  land.id(),
                  land.order(),
                  home(land.trajectory()),
                  land.features().map(this::home)));
        });
  }

  /** Bytes that are not at the conductor's node yet. */
  private static int missing(Effect.Land land) {
    boolean features = land.features().filter(blob -> !blob.node().equals(HOME)).isPresent();
    return (land.trajectory().node().equals(HOME) ? 0 : TRAJECTORY_BYTES)
        + (features ? FEATURES_BYTES : 0);
  }

  /** Moves a blob to the conductor's node, unless it is there. */
  private BlobRef home(BlobRef blob) {
    if (blob.node().equals(HOME)) {
      return blob;
    }
    BlobRef copy = put(HOME, get(blob).orElseThrow());
    release(blob);
    return copy;
  }

  /** To another node that is a message, which may be lost: its heartbeats name the blob again. */
  private void release(BlobRef blob) {
    handedOver.remove(blob.id());
    released.add(blob.id());
    if (blobs.containsKey(blob.id()) && !blob.node().equals(HOME) && happens(1)) {
      count(Fault.RELEASE_LOST);
    } else {
      forget(blob.id());
    }
  }

  private void finished(Effect.Finish finish) {
    audit();
    guarantees.finished(finish, handedOver.size());
    if (!finish.stopped()) {
      Set<Long> named = new HashSet<>(offered);
      leftBlobs.forEach(blob -> named.add(blob.id()));
      workers.values().forEach(worker -> worker.made().forEach(blob -> named.add(blob.id())));
      if (!named.containsAll(blobs.keySet())) {
        throw new AssertionError("G7: nobody would ever release some of " + blobNodes);
      }
    }
    evaluators.finished(finish);
    if (!nodeLost) {
      counters.merge(Fault.REGENERATED, (int) finish.counts().regenerated(), Integer::sum);
    }
    if (finish.stopped()) {
      count(Fault.STOPPED_AND_RESUMED);
      resume();
    } else {
      end = Optional.of(finish);
    }
  }

  /** What a reader of the run folder finds. */
  void audit() {
    LedgerAudit.Result result = LedgerAudit.of(journal);
    if (!result.balanced()) {
      throw new AssertionError("the journal does not balance: " + result.problems());
    }
  }

  /** Delivers once, twice or not at all, and in no particular order. */
  void network(Runnable delivery) {
    network(delivery, Fault.LOST);
  }

  private void network(Runnable delivery, Fault lost) {
    if (happens(.6)) {
      count(lost);
      return;
    }
    deliver(delivery);
    if (happens(.6)) {
      count(Fault.DOUBLED);
      deliver(delivery);
    }
  }

  private void deliver(Runnable delivery) {
    long number = ++messages;
    at(
        now + random(happens(1) ? 400 : 20),
        () -> {
          if (number < lastDelivered) {
            count(Fault.REORDERED);
          }
          lastDelivered = Math.max(lastDelivered, number);
          delivery.run();
        });
  }

  // ---------------------------------------------------------------- learners

  private void train(Effect.Train train) {
    List<Long> images = new ArrayList<>();
    List<Long> scores = new ArrayList<>();
    for (TrainingGroup group : train.groups()) {
      images.add(guarantees.trained(group, this));
      if (plan.flat(group.id(), group.attempt())) {
        count(Fault.FLAT_TO_THE_END);
      }
      scores.add(FakeWorker.digest(group.scoring().scores()));
    }
    int step = train.step();
    at(now + random(20), () -> guarantees.stillThere(train.groups(), this));
    if (plan.kind() == Plan.Kind.LEARNER_HUNG && step == 1) {
      count(Fault.LEARNER_HUNG);
      return;
    }
    long policy = Model.policyUpdate(model.policy.get(step), images, scores);
    learned(
        () -> set(model.policy, step + 1, policy),
        new Event.PolicyTrained(step, Mix.hash(policy), List.of()));
    if (plan.config().critic()) {
      long critic = Model.criticUpdate(model.critic.get(step), images);
      learned(
          () -> set(model.critic, step + 1, critic),
          new Event.CriticTrained(step, Mix.hash(critic)));
    }
  }

  private static void set(List<Long> weights, int version, long content) {
    if (weights.size() == version) {
      weights.add(content);
    }
  }

  /** The learners are beside the ledger: what they say is late or doubled, but not lost. */
  private void learned(Runnable publish, Event event) {
    long done = now + 20 + random(200);
    at(
        done,
        () -> {
          publish.run();
          tell(event);
        });
    if (happens(1)) {
      count(Fault.DOUBLED);
      at(done + random(500), () -> tell(event));
    }
  }

  // ---------------------------------------------------------------- what the fakes use

  Plan plan() {
    return plan;
  }

  long now() {
    return now;
  }

  void at(long time, Runnable body) {
    queue.add(new Action(time, actions++, body));
  }

  int random(int bound) {
    return random.nextInt(bound);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** Whether something goes wrong now; {@code weight} is how likely it is beside other faults. */
  boolean happens(double weight) {
    return now < plan.faultsUntil() && chance(plan.trouble() * weight);
  }

  /** Whether a computation fails: once for each group, or always for a poisoned one. */
  boolean fails(GroupId id, int attempt, String stage) {
    if (plan.poisoned(id) && stage.equals("generate")) {
      count(Fault.POISONED);
      return true;
    }
    if (!plan.hasBrokenNode()
        && happens(.3)
        && failed.add("%s %d %s".formatted(id, attempt, stage))) {
      count(Fault.COMPUTE_ERROR);
      return true;
    }
    return false;
  }

  void count(Fault fault) {
    counters.merge(fault, 1, Integer::sum);
  }

  long weights(Role role, long version) {
    return (role == Role.ROLLOUT ? model.policy : model.critic).get((int) version);
  }

  /** A worker really holds a version. */
  void held(Role role, long version) {
    if (role == Role.ROLLOUT) {
      guarantees.held(version);
    }
  }

  private String place(int worker, int other) {
    return plan.homeWorks() && worker == 0 ? HOME : nodes.get(other % nodes.size());
  }

  /** Of a group at the conductor's node. */
  private long homeBytes() {
    return (plan.homeWorks() ? GENERATED_BYTES : TRAJECTORY_BYTES)
        + (plan.config().critic() ? FEATURES_BYTES : 0);
  }

  /** Keeps a byte, for which there must be room. */
  BlobRef put(String node, long content) {
    if (!hasRoom(node, 1)) {
      throw new AssertionError("G7: %s is full".formatted(node));
    }
    held.merge(node, 1, Integer::sum);
    blobs.put(++lastBlob, content);
    blobNodes.put(lastBlob, node);
    return new BlobRef(node, lastBlob, 1, 0);
  }

  /** Keeps what can be done without, which takes no room from others. */
  BlobRef offer(String node, long content) {
    blobs.put(++lastBlob, content);
    blobNodes.put(lastBlob, node);
    offered.add(lastBlob);
    return new BlobRef(node, lastBlob, 0, 0);
  }

  boolean hasRoom(String node, int bytes) {
    long limit =
        node.equals(HOME)
            ? plan.homePlaces() * homeBytes()
            : (long) plan.nodePlaces() * (GENERATED_BYTES + FEATURES_BYTES);
    return held.getOrDefault(node, 0) + bytes <= limit;
  }

  Optional<Long> get(BlobRef ref) {
    return Optional.ofNullable(blobs.get(ref.id())).filter(content -> !isPaused(ref.node()));
  }

  private void forget(long blob) {
    blobs.remove(blob);
    String node = blobNodes.remove(blob);
    if (node != null && !offered.remove(blob)) {
      held.merge(node, -1, Integer::sum);
    }
    handedOver.remove(blob);
  }

  boolean awaitsEvaluation(int step) {
    return ledger.awaitsEvaluation(step);
  }

  Model model() {
    return model;
  }
}
