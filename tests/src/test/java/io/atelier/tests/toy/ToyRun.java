package io.atelier.tests.toy;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.guardian.Run;
import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerAudit;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerJournal;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Compute;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Handover;
import io.atelier.actors.port.RunListener;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.transport.RunKey;
import io.atelier.learner.Gradients;
import io.atelier.learner.Policy;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.WeightedSum;
import io.atelier.rollout.Generator;
import io.atelier.rollout.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs the real actors over toy compute, and keeps what the run told. */
public final class ToyRun implements RunListener, LedgerJournal {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What can be changed of a run. */
  public LedgerConfig ledger;

  /** Of gradient workers beside the learner. */
  public Supplier<Gradients> ownGradients = ToyGradients::new;

  public RunSetup.Workers workers = new RunSetup.Workers(2, 1, 0, 3, "toys");
  public Supplier<Generator> generator = ToyGenerator::new;
  public Supplier<GroupScorer> scorer = ToyScorer::new;
  public Optional<RewardGraph> graph = Optional.empty();

  /** Of the scorer's parts. */
  public Map<String, Double> weights = Map.of();

  public List<Amendment> amendments = List.of();
  public Amendable amendable = new Amendable(new TreeSet<>());
  public final List<Amendment> amended = Collections.synchronizedList(new ArrayList<>());

  /** How often a flat group is replaced. */
  public int flatReplacements;

  public Supplier<Policy> policy = ToyPolicy::new;
  public Supplier<Evaluation> evaluation = ToyEvaluation::new;

  /** Gradient workers, each on a node of its own, called {@code gradient-0} and so on. */
  public List<Supplier<Gradients>> gradients = List.of();

  public Optional<StepState> resume = Optional.empty();
  public SortedMap<Integer, String> evaluated = new TreeMap<>();
  public boolean paused;
  public long maxBlobBytes = 1 << 20;
  public Clock clock = Clock.system();
  public Optional<RunSetup.Pictures> pictures = Optional.empty();

  /** Whether pictures are gone when they are fetched. */
  public boolean losesPictures;

  public Consumer<StepState> checkpoint = state -> {};
  public Consumer<StepReport> step = report -> {};

  /** Called before a line of the journal is written, and before it is made lasting. */
  public Consumer<LedgerEntry> written = entry -> {};

  public Runnable forced = () -> {};

  /** What the run told. */
  public final List<StepReport> steps = Collections.synchronizedList(new ArrayList<>());

  public final Map<Integer, EvaluationReport> evaluations =
      Collections.synchronizedMap(new TreeMap<>());
  public final Map<Integer, StepState> checkpoints = Collections.synchronizedMap(new TreeMap<>());
  public final List<RankedImages> ranked = Collections.synchronizedList(new ArrayList<>());
  public final List<Boolean> pauses = Collections.synchronizedList(new ArrayList<>());
  public final List<String> reports = Collections.synchronizedList(new ArrayList<>());
  private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
  public final List<LedgerEntry> journal = Collections.synchronizedList(new ArrayList<>());
  public final List<TrainedGroup> groups = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<RunEnd> end = new CompletableFuture<>();
  public ToyNodes nodes;
  private ActorSystem<RunCommand> system;

  public ToyRun(Schedule schedule, int steps) {
    ledger = new LedgerConfig(schedule, 3, steps, true, 1, 0, LedgerConfig.Limits.defaults());
  }

  public ToyRun start() {
    nodes = new ToyNodes(maxBlobBytes, losesPictures);
    boolean evaluates = ledger.evaluateEvery() > 0;
    RunSetup setup =
        new RunSetup(
            ledger,
            0,
            paused,
            identity("toy"),
            RunKey.fresh(),
            Optional.of(workers),
            new Compute(
                generator,
                scorer,
                graph,
                new WeightedSum(weights),
                flatReplacements,
                policy,
                ownGradients,
                ledger.critic() ? Optional.of(ToyCritic::new) : Optional.empty(),
                evaluates ? Optional.of(evaluation) : Optional.empty()),
            (id, attempt) -> new Prompt(id.slot(), "toy %s attempt %d".formatted(id, attempt)),
            Handover.of(resume),
            amendments,
            amendable,
            evaluated,
            nodes.node("leader"),
            clock,
            this,
            groups::add,
            pictures,
            this);
    system =
        ActorSystem.create(
            Run.create(setup),
            "toy",
            ConfigFactory.parseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
                .withFallback(ConfigFactory.load()));
    for (int i = 0; i < gradients.size(); i++) {
      String name = "gradient-" + i;
      system.systemActorOf(
          ToyHost.create(identity("toy"), nodes.node(name), gradients.get(i)), name, Props.empty());
    }
    return this;
  }

  /** Waits for the end; fails if the run does. */
  public RunEnd await() throws Exception {
    RunEnd result = end.get(60, TimeUnit.SECONDS);
    system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
    return result;
  }

  /** Waits for the end, but not for actors that still compute. */
  public RunEnd awaitEnd() throws Exception {
    return end.get(60, TimeUnit.SECONDS);
  }

  /** Waits for the end, and for the books to balance. */
  public RunEnd awaitBalanced() throws Exception {
    RunEnd result = await();
    LedgerAudit.Result audit = LedgerAudit.of(List.copyOf(journal));
    if (!audit.balanced()) {
      throw new AssertionError(String.join("\n", audit.problems()));
    }
    return result;
  }

  /** Waits for the failure of the run. */
  public Throwable awaitFailure() throws Exception {
    Throwable failure =
        end.handle((result, error) -> Optional.ofNullable(error))
            .get(60, TimeUnit.SECONDS)
            .orElseThrow(() -> new AssertionError("the run should have failed"));
    system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
    return failure;
  }

  /** Waits for a report with these words in it. */
  public String awaitReport(String words) throws InterruptedException {
    String message = "";
    while (!message.contains(words)) {
      message = unread.poll(60, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no report says \"%s\": %s".formatted(words, reports));
      }
    }
    return message;
  }

  /** For a test that asks how much the run keeps, not how much it said. */
  public void forgetReports() {
    reports.clear();
    unread.clear();
  }

  public boolean isDone() {
    return end.isDone();
  }

  public void stop(boolean atOnce) {
    system.tell(new RunCommand.Stop(atOnce));
  }

  /**
   * Asks the run to end, for a learner that is in a step: the conductor has heard it when this
   * returns, so no other step follows, however fast it is.
   */
  public void stopInStep() {
    conductor().tell(new ConductorCommand.Happened(new Event.StopRequested(false)));
    ask(ConductorCommand.Ask::new);
  }

  /** Asks the conductor, as people do. */
  public <T> T ask(Function<ActorRef<T>, ConductorCommand> question) {
    return AskPattern.ask(conductor(), question::apply, PATIENCE, system.scheduler())
        .toCompletableFuture()
        .join();
  }

  /** Tells the conductor something, as a node would. */
  public void tell(ConductorCommand message) {
    conductor().tell(message);
  }

  /** An actor of the run's system, such as a node that a test plays. */
  public <T> ActorRef<T> spawn(Behavior<T> behavior, String name) {
    return system.systemActorOf(behavior, name, Props.empty());
  }

  private ActorRef<ConductorCommand> conductor() {
    return ActorRefResolver.get(system).resolveActorRef(system.path() + "/conductor");
  }

  @Override
  public void onStep(StepReport report) {
    steps.add(report);
    step.accept(report);
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    evaluations.put(report.step(), report);
  }

  @Override
  public void onRanked(RankedImages images) {
    ranked.add(images);
  }

  @Override
  public void onCheckpointDue(StepState state) {
    checkpoints.put(state.step(), state);
    checkpoint.accept(state);
  }

  @Override
  public void onReport(String message) {
    reports.add(message);
    unread.add(message);
  }

  @Override
  public void onNode(String address, String computing) {}

  @Override
  public void onAmended(Amendment amendment) {
    amended.add(amendment);
  }

  @Override
  public void onPause(boolean pause) {
    pauses.add(pause);
  }

  @Override
  public void onFinished(RunEnd result) {
    end.complete(result);
  }

  @Override
  public void onFailed(Throwable firstCause) {
    end.completeExceptionally(firstCause);
  }

  @Override
  public void append(LedgerEntry entry) {
    written.accept(entry);
    journal.add(entry);
  }

  @Override
  public long force() {
    forced.run();
    return journal.size();
  }

  /** Of a run or a node that computes with {@code model}. */
  public static Identity identity(String model) {
    return new Identity(
        new TreeMap<>(), new TreeMap<>(Map.of("model", Identity.Part.named(model, model))));
  }
}
