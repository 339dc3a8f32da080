package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.StashBuffer;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.ServiceKey;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.Effect;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.LedgerSnapshot;
import io.atelier.actors.ledger.Role;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one actor that the others answer to. Translates their messages to events of the {@link
 * Ledger}, and its effects to messages; decides nothing itself.
 */
public final class Conductor extends AbstractBehavior<Conductor.Command> {

  private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);

  /** By which the nodes of a cluster find it. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "conductor");

  /** What the conductor is told. */
  public sealed interface Command {}

  /** A rollout worker is ready. */
  public record RolloutJoined(WorkerId worker, ActorRef<RolloutWorker.Command> ref)
      implements Command, WireMessage {}

  /** A reward worker is ready. */
  public record RewardJoined(WorkerId worker, ActorRef<RewardWorker.Command> ref)
      implements Command, WireMessage {}

  /**
   * A node offers its workers.
   *
   * @param identity what it would compute
   * @param computing what it computes with, for people
   */
  public record NodeJoined(
      String node,
      List<Role> roles,
      Identity identity,
      String computing,
      ActorRef<Host.Command> host)
      implements Command, WireMessage {}

  /** A gradient worker is there and has nothing to do. */
  public record GradientReady(ActorRef<GradientWorker.Command> worker)
      implements Command, WireMessage {}

  /** Asks how the run is; answered at once, by way of those who know the helpers. */
  public record Ask(ActorRef<RunStatus> replyTo) implements Command, WireMessage {}

  /** The gradient workers are in the answer. */
  record Asked(RunStatus status, ActorRef<RunStatus> replyTo) implements Command {}

  /** Give no new leases, or give them again. */
  public record Pause(boolean pause, ActorRef<RunStatus.Done> replyTo)
      implements Command, WireMessage {}

  /** A value is to be another one from the next step on that begins; answered when it is noted. */
  public record Amend(String key, double value, String why, ActorRef<RunStatus.Done> replyTo)
      implements Command, WireMessage {}

  /**
   * End the run.
   *
   * @param everywhere whether the nodes end with it; else the run goes on elsewhere
   */
  record Stop(boolean atOnce, boolean everywhere) implements Command {}

  /** People see the run at this address, on the conductor's machine. */
  record Page(String url) implements Command {}

  /** Write a checkpoint at the next boundary between steps; answered when it is written. */
  record Checkpoint(ActorRef<RunStatus.Done> replyTo) implements Command {}

  /** Evaluate the newest version of the policy; answered when that is done. */
  record Evaluate(ActorRef<RunStatus.Done> replyTo) implements Command {}

  /**
   * A node is to leave the run.
   *
   * @param node its address in the cluster, {@code host:port}
   */
  public record Drain(String node, ActorRef<RunStatus.Done> replyTo)
      implements Command, WireMessage {}

  /** An evaluator of a node is there and has nothing to do. */
  public record EvaluatorReady(ActorRef<Evaluator.Command> evaluator)
      implements Command, WireMessage {}

  /** Anything that only the ledger needs to know. */
  public record Happened(Event event) implements Command, WireMessage {}

  /**
   * The policy learner is done with a step.
   *
   * @param credits what its groups were trained on, in slot order
   */
  public record PolicyTrained(
      Event.PolicyTrained event, Map<String, Double> metrics, List<GroupCredit> credits, Span span)
      implements Command {}

  /** The critic learner is done with a step. */
  public record CriticTrained(Event.CriticTrained event, Map<String, Double> metrics, Span span)
      implements Command {}

  /** A learner's state between two steps. */
  public record Captured(Weights weights, int step, NamedTensors state) implements Command {}

  /**
   * All that the journal was given is lasting.
   *
   * @param end whether nothing comes after it
   * @param length of the journal in bytes
   */
  record Synced(boolean end, long length) implements Command {}

  /** An evaluation is done. */
  public record Evaluated(EvaluationReport report) implements Command {}

  /** The learners and the evaluator are there. */
  record Staffed(
      ActorRef<PolicyLearner.Command> policy,
      ActorRef<GradientPool.Command> gradients,
      Optional<ActorRef<CriticLearner.Command>> critic,
      Optional<ActorRef<EvaluatorPool.Command>> evaluators)
      implements Command {}

  /** A node has ended, or was removed from the cluster; or so it seems. */
  private record NodeGone(String node) implements Command {}

  /** It is time to see whether a node is really gone. */
  private record NodeDoubted(String node) implements Command {}

  private enum Tick implements Command {
    INSTANCE
  }

  private record Retained(Checkpointing.Versions versions) implements Command {}

  private record Unretained(RuntimeException cause) implements Command {}

  /** The images of a step that are to be shown. */
  record Ranked(RankedImages images) implements Command {}

  /** Images that are to be shown are gone. */
  record NotRanked(int step, RuntimeException cause) implements Command {}

  /**
   * What the conductor works with.
   *
   * @param run whom it tells about the run
   * @param epoch which conductor of the run this is
   * @param identity what the nodes of this run compute
   * @param token what they send bytes with
   * @param node name of this node
   * @param amendable what may be amended
   * @param shown whether the images of a step, counted from 0, are ranked and shown
   * @param scribe who writes the journal and the trace
   * @param gallery who takes over the pictures of groups that are trained; empty if nobody does
   * @param tick pause between looks at the clock
   */
  record Tools(
      ActorRef<Run.Command> run,
      int epoch,
      Identity identity,
      long token,
      String node,
      WeightStream<NamedTensors> policy,
      WeightStream<NamedTensors> critic,
      BlobStore blobs,
      PromptSource prompts,
      Amendable amendable,
      IntPredicate shown,
      ActorRef<Scribe.Command> scribe,
      Optional<ActorRef<Gallery.Command>> gallery,
      Clock clock,
      Duration tick) {}

  /** Messages before the conductor knows its learners: a few for each actor of the run. */
  private static final int STASH = 10_000;

  /** Within which the ledger knows of a node whether it is there. */
  private static final Duration DOUBT = Duration.ofSeconds(20);

  private final Tools tools;
  private final Ledger ledger;
  private final Roster roster;
  private final GroupTimes times = new GroupTimes();
  private final StepReports reports;
  private final Recently recently = new Recently();
  private final Staffed staff;
  private Optional<Checkpointing> checkpoint = Optional.empty();
  private final Requests requests;
  private String refused = "";

  /** Where people see the run; empty if nowhere. */
  private String page = "";

  /** Whether the nodes end when the run is stopped. */
  private boolean everywhere;

  /** Who is told of the amendment at hand. */
  private Optional<ActorRef<RunStatus.Done>> amending = Optional.empty();

  /** Whether a group was given to a worker. */
  private boolean begun;

  /** What the groups of the step were trained on that the policy learner was done with last. */
  private List<GroupCredit> credits = List.of();

  /** Images that the policy learner ranks, and those of them that are to be released then. */
  private final Set<BlobRef> kept = new HashSet<>();

  private final List<BlobRef> released = new ArrayList<>();

  /** Pictures that the gallery has taken over and the ledger has not let go of yet. */
  private final Set<BlobRef> pictured = new HashSet<>();

  /** The last effect, which waits for the journal. */
  private Optional<Effect> last = Optional.empty();

  private Conductor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Ledger ledger,
      Tools tools,
      Staffed staff) {
    super(context);
    this.staff = staff;
    this.ledger = ledger;
    this.tools = tools;
    this.roster = new Roster(tools.prompts());
    this.reports = new StepReports(tools.clock().nanos());
    this.requests = new Requests(ledger);
    timers.startTimerWithFixedDelay(Tick.INSTANCE, tools.tick());
    onTick();
  }

  static Behavior<Command> create(Ledger ledger, Tools tools) {
    return Behaviors.withStash(
        STASH, stash -> Behaviors.withTimers(timers -> unstaffed(stash, timers, ledger, tools)));
  }

  /** Waits to be told who the learners are; they may be faster than that with what they tell. */
  private static Behavior<Command> unstaffed(
      StashBuffer<Command> stash, TimerScheduler<Command> timers, Ledger ledger, Tools tools) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Staffed.class,
            staffed ->
                stash.unstashAll(
                    Behaviors.setup(
                        context -> new Conductor(context, timers, ledger, tools, staffed))))
        .onAnyMessage(
            message -> {
              stash.stash(message);
              return Behaviors.same();
            })
        .build();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(NodeJoined.class, this::onNodeJoined)
        .onMessage(NodeGone.class, this::onNodeGone)
        .onMessage(NodeDoubted.class, this::onNodeDoubted)
        .onMessage(RolloutJoined.class, this::onRolloutJoined)
        .onMessage(RewardJoined.class, this::onRewardJoined)
        .onMessage(GradientReady.class, this::onGradientReady)
        .onMessage(EvaluatorReady.class, this::onEvaluatorReady)
        .onMessage(Happened.class, this::onHappened)
        .onMessage(PolicyTrained.class, this::onPolicyTrained)
        .onMessage(CriticTrained.class, this::onCriticTrained)
        .onMessage(Captured.class, this::onCaptured)
        .onMessage(Retained.class, this::onRetained)
        .onMessage(Unretained.class, this::onUnretained)
        .onMessage(Ranked.class, this::onRanked)
        .onMessage(NotRanked.class, this::onNotRanked)
        .onMessage(Synced.class, this::onSynced)
        .onMessage(Evaluated.class, this::onEvaluated)
        .onMessage(Ask.class, this::onAsk)
        .onMessage(Asked.class, this::onAsked)
        .onMessage(Pause.class, this::onPause)
        .onMessage(Amend.class, this::onAmend)
        .onMessage(Stop.class, this::onStop)
        .onMessage(Page.class, this::onPage)
        .onMessage(Checkpoint.class, this::onCheckpoint)
        .onMessage(Evaluate.class, this::onEvaluate)
        .onMessage(Drain.class, this::onDrain)
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .build();
  }

  private Behavior<Command> onNodeJoined(NodeJoined joined) {
    if (!joined.identity().fingerprint().equals(tools.identity().fingerprint())) {
      return refuse(joined);
    }
    joined
        .host()
        .tell(new Host.Welcome(getContext().getSelf(), tools.epoch(), tools.node(), tools.token()));
    String address = Addresses.of(getContext(), joined.host());
    if (roster.joined(joined, address)) {
      watch(joined.node(), joined.host());
      tools.run().tell(new Run.Computes(address, joined.computing()));
      boolean watched = !joined.node().equals(tools.node());
      return happened(new Event.NodeJoined(joined.node(), joined.roles(), watched));
    }
    return this;
  }

  private Behavior<Command> refuse(NodeJoined joined) {
    String differences =
        String.join("; ", joined.identity().differences(tools.identity().brief(), "the run has"));
    joined.host().tell(new Host.Refused("it would not compute the same. " + differences));
    if (!joined.node().equals(refused)) { // it asks until it has the answer
      refused = joined.node();
      String address = Addresses.of(getContext(), joined.host());
      tools.run().tell(new Run.Reported("node %s is refused: %s".formatted(address, differences)));
    }
    return this;
  }

  /**
   * Akka says of all actors at an address that they are gone, also when only a former process was
   * there. Who lives is heard of in the meantime.
   */
  private Behavior<Command> onNodeGone(NodeGone gone) {
    getContext().scheduleOnce(DOUBT, getContext().getSelf(), new NodeDoubted(gone.node()));
    return this;
  }

  private Behavior<Command> onNodeDoubted(NodeDoubted doubted) {
    if (ledger.presentNodes().contains(doubted.node())) {
      roster.host(doubted.node()).ifPresent(host -> watch(doubted.node(), host));
    } else {
      roster.forget(doubted.node());
    }
    return this;
  }

  private void watch(String node, ActorRef<Host.Command> host) {
    getContext().watchWith(host, new NodeGone(node));
  }

  private Behavior<Command> onRolloutJoined(RolloutJoined joined) {
    roster.joined(joined);
    return happened(new Event.WorkerJoined(joined.worker()));
  }

  private Behavior<Command> onRewardJoined(RewardJoined joined) {
    roster.joined(joined);
    return happened(new Event.WorkerJoined(joined.worker()));
  }

  /** The learner's own business; the ledger does not count its helpers. */
  private Behavior<Command> onGradientReady(GradientReady ready) {
    staff.gradients().tell(new GradientPool.Ready(ready.worker()));
    return this;
  }

  private Behavior<Command> onEvaluatorReady(EvaluatorReady ready) {
    staff.evaluators().ifPresent(e -> e.tell(new EvaluatorPool.Ready(ready.evaluator())));
    return this;
  }

  private Behavior<Command> onHappened(Happened message) {
    Event event = message.event();
    if (event instanceof Event.WorkerLost lost) {
      roster.forget(lost.worker());
    } else if (event instanceof Event.Generated generated) {
      reports.worked("rollout", generated.span());
      recently.worked(generated.worker(), generated.span());
    } else if (event instanceof Event.Scored scored) {
      reports.worked("reward", scored.span());
      recently.worked(scored.worker(), scored.span());
    } else if (event instanceof Event.Loaded loaded) {
      reports.loaded(loaded.worker().role().toString(), loaded.span());
      tools.scribe().tell(new Scribe.Loaded(loaded.worker().name(), loaded.span()));
    }
    return happened(event);
  }

  private Behavior<Command> onPolicyTrained(PolicyTrained trained) {
    reports.learned("policy", trained.metrics(), trained.span());
    credits = trained.credits();
    return happened(trained.event());
  }

  private Behavior<Command> onCriticTrained(CriticTrained trained) {
    reports.learned("critic", trained.metrics(), trained.span());
    return happened(trained.event());
  }

  private Behavior<Command> onEvaluated(Evaluated evaluated) {
    int step = evaluated.report().step();
    if (ledger.awaitsEvaluation(step)) { // else it was given up in the meantime, and that was said
      tools.run().tell(new Run.EvaluationDone(evaluated.report()));
    }
    return happened(new Event.Evaluated(step));
  }

  // ---------------------------------------------------------------- for people

  private Behavior<Command> onAsk(Ask ask) {
    RunStatus status =
        new RunStatus(
            tools.epoch(),
            Addresses.of(getContext(), getContext().getSelf()),
            page,
            ledger.status(),
            recently.status(),
            List.of(),
            roster.addresses(),
            roster.computing(),
            tools.identity().digests());
    staff.gradients().tell(new GradientPool.Ask(status, getContext().getSelf(), ask.replyTo()));
    return this;
  }

  private Behavior<Command> onAsked(Asked asked) {
    staff
        .evaluators()
        .ifPresentOrElse(
            e -> e.tell(new EvaluatorPool.Ask(asked.status(), asked.replyTo())),
            () -> asked.replyTo().tell(asked.status()));
    return this;
  }

  private Behavior<Command> onPause(Pause pause) {
    tools.run().tell(new Run.Paused(pause.pause(), pause.replyTo()));
    return happened(new Event.PauseRequested(pause.pause()));
  }

  private Behavior<Command> onAmend(Amend amend) {
    Optional<String> refusal =
        last.isPresent()
            ? Optional.of(Run.OVER)
            : tools.amendable().refuse(amend.key(), amend.value());
    if (refusal.isPresent() || ledger.boundary() >= ledger.last()) {
      String why = refusal.orElse("the last step has begun, so nothing can change any more");
      amend.replyTo().tell(new RunStatus.Done(false, why));
      return this;
    }
    amending = Optional.of(amend.replyTo());
    return happened(new Event.AmendmentRequested(amend.key(), amend.value(), amend.why()));
  }

  private Behavior<Command> onStop(Stop stop) {
    everywhere |= stop.everywhere();
    return happened(new Event.StopRequested(stop.atOnce()));
  }

  private Behavior<Command> onPage(Page now) {
    page = now.url();
    return this;
  }

  private Behavior<Command> onCheckpoint(Checkpoint request) {
    requests.checkpoint(request.replyTo());
    return happened(new Event.CheckpointRequested());
  }

  private Behavior<Command> onEvaluate(Evaluate request) {
    if (staff.evaluators().isEmpty()) {
      request
          .replyTo()
          .tell(new RunStatus.Done(false, "evaluation.every is 0: this run evaluates nothing"));
      return this;
    }
    happened(new Event.EvaluationRequested());
    requests.evaluation(request.replyTo());
    return this;
  }

  private Behavior<Command> onDrain(Drain drain) {
    SortedMap<String, ActorRef<Host.Command>> present = new TreeMap<>();
    ledger
        .presentNodes()
        .forEach(
            node ->
                roster
                    .host(node)
                    .ifPresent(host -> present.put(roster.addresses().get(node), host)));
    Optional<ActorRef<Host.Command>> host = Optional.ofNullable(present.get(drain.node()));
    host.ifPresent(h -> h.tell(new Host.Drain(tools.epoch())));
    drain
        .replyTo()
        .tell(
            host.isPresent()
                ? new RunStatus.Done(true, drain.node() + " hands back its work and leaves")
                : new RunStatus.Done(
                    false,
                    "there is no node %s; there are %s"
                        .formatted(drain.node(), String.join(", ", present.keySet()))));
    return this;
  }

  private Behavior<Command> onTick() {
    return happened(new Event.Tick(tools.clock().nanos() / 1_000_000));
  }

  private Behavior<Command> happened(Event event) {
    ledger.on(event).forEach(this::apply);
    requests.answer(event);
    return this;
  }

  private void apply(Effect effect) {
    if (effect instanceof Effect.Order order) {
      roster.send(order);
      if (order instanceof Effect.Generate && !begun) {
        begun = true;
        tools.run().tell(Run.Begun.INSTANCE);
      }
    } else if (effect instanceof Effect.Admit admit) {
      times.admitted(admit.id(), tools.clock().nanos());
    } else if (effect instanceof Effect.Train train) {
      train(train);
    } else if (effect instanceof Effect.StepDone done) {
      stepDone(done);
    } else if (effect instanceof Effect.Land land) {
      land(land);
    } else if (effect instanceof Effect.Release release) {
      release(release.blob());
    } else if (effect instanceof Effect.Retire retire) {
      stream(retire.weights()).retire(retire.version());
    } else if (effect instanceof Effect.Evaluate evaluate) {
      staff
          .evaluators()
          .ifPresent(
              e ->
                  e.tell(
                      new EvaluatorPool.Evaluate(
                          evaluate.step(), evaluate.attempt(), evaluate.hash())));
    } else if (effect instanceof Effect.Write write) {
      tools.scribe().tell(new Scribe.Append(write.entry(), getContext().getSelf()));
    } else if (effect instanceof Effect.Checkpoint due) {
      checkpoint(due.snapshot());
    } else {
      applyToRun(effect);
    }
  }

  private void applyToRun(Effect effect) {
    if (effect instanceof Effect.Replace replace) {
      roster.forget(replace.worker());
      roster
          .host(replace.worker().node())
          .ifPresent(host -> host.tell(new Host.Replace(replace.worker(), replace.reason())));
    } else if (effect instanceof Effect.SetAside aside) {
      roster
          .host(aside.node())
          .ifPresent(
              host ->
                  host.tell(
                      new Host.SetAside(
                          tools.epoch(), aside.role(), aside.reason(), aside.leaves())));
    } else if (effect instanceof Effect.Rejoin rejoin) {
      roster.host(rejoin.node()).ifPresent(host -> host.tell(new Host.Rejoin(tools.epoch())));
    } else if (effect instanceof Effect.Report report) {
      tools.run().tell(new Run.Reported(report.message()));
    } else if (effect instanceof Effect.Fail fail) {
      // this node ends with its host, and not before the journal is whole
      roster.hosts(node -> !isHere(node)).forEach(h -> h.tell(over(fail)));
      endWith(fail);
    } else if (effect instanceof Effect.Amend amend) {
      tools.run().tell(new Run.Amended(amend.amendment(), amending.orElseThrow()));
      amending = Optional.empty();
    } else if (effect instanceof Effect.Finish finish) {
      endWith(finish);
    }
  }

  private boolean isHere(String node) {
    return node.equals(tools.node());
  }

  private Host.RunOver over(Effect.Fail fail) {
    return new Host.RunOver(tools.epoch(), Optional.of(fail.firstCause()));
  }

  /** The run is over once all that was written of it is lasting. */
  private void endWith(Effect effect) {
    last = Optional.of(effect);
    tools.scribe().tell(new Scribe.Sync(true, getContext().getSelf()));
  }

  private Behavior<Command> onSynced(Synced synced) {
    if (!synced.end()) {
      checkpoint.ifPresent(c -> c.journaled(synced.length()));
      return checkpointed();
    }
    Effect effect = last.orElseThrow();
    if (effect instanceof Effect.Fail fail) {
      tools.run().tell(new Run.Failed(fail.firstCause()));
      roster.hosts(this::isHere).forEach(h -> h.tell(over(fail)));
    } else if (effect instanceof Effect.Finish finish) {
      if (!finish.stopped() || everywhere) { // else it goes on under another conductor
        Host.RunOver over = new Host.RunOver(tools.epoch(), Optional.empty());
        roster.hosts(node -> true).forEach(h -> h.tell(over));
      }
      tools.run().tell(new Run.Finished(end(finish)));
    }
    return this;
  }

  private static RunEnd end(Effect.Finish finish) {
    return new RunEnd(
        finish.steps(),
        finish.stopped(),
        finish.policyHash(),
        finish.criticHash(),
        finish.counts());
  }

  private void train(Effect.Train train) {
    times.training(tools.clock().nanos());
    List<PolicyLearner.Member> members =
        train.groups().stream()
            .map(g -> new PolicyLearner.Member(g, tools.prompts().prompt(g.id(), g.attempt())))
            .toList();
    boolean shown = tools.shown().test(train.step());
    if (shown) {
      letGo(); // of those of a step before, if their answer is missing
      train.groups().forEach(group -> kept.add(group.generation().images()));
    }
    staff.policy().tell(new PolicyLearner.Train(train.step(), members, shown, train.amended()));
    staff
        .critic()
        .ifPresent(
            critic ->
                critic.tell(
                    new CriticLearner.Train(
                        train.step(),
                        train.groups().stream()
                            .flatMap(g -> g.scoring().features().stream())
                            .toList(),
                        train.amended())));
  }

  private Behavior<Command> onRanked(Ranked ranked) {
    tools.run().tell(new Run.ImagesRanked(ranked.images()));
    letGo();
    return this;
  }

  /** A node that is gone took them with it; nothing else depends on them. */
  private Behavior<Command> onNotRanked(NotRanked failed) {
    LOG.warn(
        "the images of step {} with the highest and lowest rewards are not shown: {}",
        failed.step() + 1,
        Failures.describe(failed.cause()));
    letGo();
    return this;
  }

  private void letGo() {
    kept.clear();
    released.forEach(tools.blobs()::release);
    released.clear();
  }

  private void release(BlobRef blob) {
    if (pictured.remove(blob)) {
      return; // whose it is now
    }
    if (kept.contains(blob)) {
      released.add(blob);
    } else {
      tools.blobs().release(blob);
    }
  }

  private void land(Effect.Land land) {
    getContext()
        .pipeToSelf(
            new Landing(tools.blobs(), tools.node()).land(land),
            (landed, error) ->
                new Happened(
                    error == null
                        ? landed
                        : new Event.NotLanded(
                            land.id(), land.order(), Failures.describe(Failures.unwrap(error)))));
  }

  private void stepDone(Effect.StepDone done) {
    long now = tools.clock().nanos();
    List<TrainedGroup> groups = new ArrayList<>();
    for (int g = 0; g < done.groups().size(); g++) {
      TrainingGroup group = done.groups().get(g);
      groups.add(
          new TrainedGroup(
              times.trained(group, done.step(), now),
              group,
              tools.prompts().prompt(group.id(), group.attempt()),
              credits.get(g)));
    }
    groups.forEach(group -> tools.scribe().tell(new Scribe.Trained(group)));
    handOver(new Gallery.Keep(done.step() + 1, groups));
    roster.hosts(node -> true).forEach(host -> host.tell(new Host.Trained(done.step() + 1)));
    StepReport report = reports.finish(done, now, workers());
    recently.stepped(report);
    tools.run().tell(new Run.StepDone(report));
  }

  private void handOver(Gallery.Keep step) {
    if (tools.gallery().isPresent() && !step.pictures().isEmpty()) {
      pictured.addAll(step.pictures());
      tools.gallery().get().tell(step);
    }
  }

  /** Who works at this moment, by role. */
  private Map<String, Integer> workers() {
    Map<String, Integer> workers = new HashMap<>();
    for (Role role : Role.values()) {
      workers.put(role.toString(), ledger.workers(role));
    }
    workers.put("policy", 1);
    staff.critic().ifPresent(critic -> workers.put("critic", 1));
    return workers;
  }

  private void checkpoint(LedgerSnapshot snapshot) {
    tools.scribe().tell(new Scribe.Sync(false, getContext().getSelf()));
    Checkpointing gathering = new Checkpointing(snapshot);
    checkpoint = Optional.of(gathering);
    staff.policy().tell(new PolicyLearner.Capture(snapshot.step()));
    staff
        .critic()
        .ifPresentOrElse(
            critic -> critic.tell(new CriticLearner.Capture(snapshot.step())),
            () -> gathering.captured(Weights.CRITIC, new NamedTensors(Map.of())));
    getContext()
        .pipeToSelf(
            Checkpointing.versions(snapshot, tools.policy(), tools.critic()),
            (versions, error) ->
                error == null ? new Retained(versions) : new Unretained(Failures.unwrap(error)));
  }

  private Behavior<Command> onRetained(Retained retained) {
    checkpoint.ifPresent(c -> c.retained(retained.versions()));
    return checkpointed();
  }

  private Behavior<Command> onUnretained(Unretained unretained) {
    throw unretained.cause();
  }

  private Behavior<Command> onCaptured(Captured captured) {
    checkpoint.ifPresent(c -> c.captured(captured.weights(), captured.state()));
    return checkpointed();
  }

  private Behavior<Command> checkpointed() {
    checkpoint
        .flatMap(Checkpointing::complete)
        .ifPresent(
            state -> {
              checkpoint = Optional.empty();
              tools.run().tell(new Run.CheckpointDue(state));
            });
    return this;
  }

  private WeightStream<NamedTensors> stream(Weights weights) {
    return weights == Weights.POLICY ? tools.policy() : tools.critic();
  }
}
