package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.StashBuffer;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.Effect;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.LedgerSnapshot;
import io.atelier.actors.ledger.Role;
import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.protocol.EvaluatorPoolCommand;
import io.atelier.actors.protocol.GradientPoolCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.TrainedGroup;
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
public final class Conductor extends AbstractBehavior<ConductorCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);

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
  public record Tools(
      ActorRef<RunCommand> run,
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
  private final ConductorCommand.Staffed staff;
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
      ActorContext<ConductorCommand> context,
      TimerScheduler<ConductorCommand> timers,
      Ledger ledger,
      Tools tools,
      ConductorCommand.Staffed staff) {
    super(context);
    this.staff = staff;
    this.ledger = ledger;
    this.tools = tools;
    this.roster = new Roster(tools.prompts());
    this.reports = new StepReports(tools.clock().nanos());
    this.requests = new Requests(ledger);
    timers.startTimerWithFixedDelay(ConductorCommand.Tick.INSTANCE, tools.tick());
    onTick();
  }

  public static Behavior<ConductorCommand> create(Ledger ledger, Tools tools) {
    return Behaviors.withStash(
        STASH, stash -> Behaviors.withTimers(timers -> unstaffed(stash, timers, ledger, tools)));
  }

  /** Waits to be told who the learners are; they may be faster than that with what they tell. */
  private static Behavior<ConductorCommand> unstaffed(
      StashBuffer<ConductorCommand> stash,
      TimerScheduler<ConductorCommand> timers,
      Ledger ledger,
      Tools tools) {
    return Behaviors.receive(ConductorCommand.class)
        .onMessage(
            ConductorCommand.Staffed.class,
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
  public Receive<ConductorCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(ConductorCommand.NodeJoined.class, this::onNodeJoined)
        .onMessage(ConductorCommand.NodeGone.class, this::onNodeGone)
        .onMessage(ConductorCommand.NodeDoubted.class, this::onNodeDoubted)
        .onMessage(ConductorCommand.RolloutJoined.class, this::onRolloutJoined)
        .onMessage(ConductorCommand.RewardJoined.class, this::onRewardJoined)
        .onMessage(ConductorCommand.GradientReady.class, this::onGradientReady)
        .onMessage(ConductorCommand.EvaluatorReady.class, this::onEvaluatorReady)
        .onMessage(ConductorCommand.Happened.class, this::onHappened)
        .onMessage(ConductorCommand.PolicyTrained.class, this::onPolicyTrained)
        .onMessage(ConductorCommand.CriticTrained.class, this::onCriticTrained)
        .onMessage(ConductorCommand.Captured.class, this::onCaptured)
        .onMessage(ConductorCommand.Retained.class, this::onRetained)
        .onMessage(ConductorCommand.Unretained.class, this::onUnretained)
        .onMessage(ConductorCommand.Ranked.class, this::onRanked)
        .onMessage(ConductorCommand.NotRanked.class, this::onNotRanked)
        .onMessage(ConductorCommand.Synced.class, this::onSynced)
        .onMessage(ConductorCommand.Evaluated.class, this::onEvaluated)
        .onMessage(ConductorCommand.Ask.class, this::onAsk)
        .onMessage(ConductorCommand.Asked.class, this::onAsked)
        .onMessage(ConductorCommand.Pause.class, this::onPause)
        .onMessage(ConductorCommand.Amend.class, this::onAmend)
        .onMessage(ConductorCommand.Stop.class, this::onStop)
        .onMessage(ConductorCommand.Page.class, this::onPage)
        .onMessage(ConductorCommand.Checkpoint.class, this::onCheckpoint)
        .onMessage(ConductorCommand.Evaluate.class, this::onEvaluate)
        .onMessage(ConductorCommand.Drain.class, this::onDrain)
        .onMessageEquals(ConductorCommand.Tick.INSTANCE, this::onTick)
        .build();
  }

  private Behavior<ConductorCommand> onNodeJoined(ConductorCommand.NodeJoined joined) {
    if (!joined.identity().fingerprint().equals(tools.identity().fingerprint())) {
      return refuse(joined);
    }
    joined
        .host()
        .tell(
            new HostCommand.Welcome(
                getContext().getSelf(), tools.epoch(), tools.node(), tools.token()));
    String address = Addresses.of(getContext(), joined.host());
    if (roster.joined(joined, address)) {
      watch(joined.node(), joined.host());
      tools.run().tell(new RunCommand.Computes(address, joined.computing()));
      boolean watched = !joined.node().equals(tools.node());
      return happened(new Event.NodeJoined(joined.node(), joined.roles(), watched));
    }
    return this;
  }

  private Behavior<ConductorCommand> refuse(ConductorCommand.NodeJoined joined) {
    String differences =
        String.join("; ", joined.identity().differences(tools.identity().brief(), "the run has"));
    joined.host().tell(new HostCommand.Refused("it would not compute the same. " + differences));
    if (!joined.node().equals(refused)) { // it asks until it has the answer
      refused = joined.node();
      String address = Addresses.of(getContext(), joined.host());
      tools
          .run()
          .tell(new RunCommand.Reported("node %s is refused: %s".formatted(address, differences)));
    }
    return this;
  }

  /**
   * Akka says of all actors at an address that they are gone, also when only a former process was
   * there. Who lives is heard of in the meantime.
   */
  private Behavior<ConductorCommand> onNodeGone(ConductorCommand.NodeGone gone) {
    getContext()
        .scheduleOnce(DOUBT, getContext().getSelf(), new ConductorCommand.NodeDoubted(gone.node()));
    return this;
  }

  private Behavior<ConductorCommand> onNodeDoubted(ConductorCommand.NodeDoubted doubted) {
    if (ledger.presentNodes().contains(doubted.node())) {
      roster.host(doubted.node()).ifPresent(host -> watch(doubted.node(), host));
    } else {
      roster.forget(doubted.node());
    }
    return this;
  }

  private void watch(String node, ActorRef<HostCommand> host) {
    getContext().watchWith(host, new ConductorCommand.NodeGone(node));
  }

  private Behavior<ConductorCommand> onRolloutJoined(ConductorCommand.RolloutJoined joined) {
    roster.joined(joined);
    return happened(new Event.WorkerJoined(joined.worker()));
  }

  private Behavior<ConductorCommand> onRewardJoined(ConductorCommand.RewardJoined joined) {
    roster.joined(joined);
    return happened(new Event.WorkerJoined(joined.worker()));
  }

  /** The learner's own business; the ledger does not count its helpers. */
  private Behavior<ConductorCommand> onGradientReady(ConductorCommand.GradientReady ready) {
    staff.gradients().tell(new GradientPoolCommand.Ready(ready.worker()));
    return this;
  }

  private Behavior<ConductorCommand> onEvaluatorReady(ConductorCommand.EvaluatorReady ready) {
    staff.evaluators().ifPresent(e -> e.tell(new EvaluatorPoolCommand.Ready(ready.evaluator())));
    return this;
  }

  private Behavior<ConductorCommand> onHappened(ConductorCommand.Happened message) {
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

  private Behavior<ConductorCommand> onPolicyTrained(ConductorCommand.PolicyTrained trained) {
    reports.learned("policy", trained.metrics(), trained.span());
    credits = trained.credits();
    return happened(trained.event());
  }

  private Behavior<ConductorCommand> onCriticTrained(ConductorCommand.CriticTrained trained) {
    reports.learned("critic", trained.metrics(), trained.span());
    return happened(trained.event());
  }

  private Behavior<ConductorCommand> onEvaluated(ConductorCommand.Evaluated evaluated) {
    int step = evaluated.report().step();
    if (ledger.awaitsEvaluation(step)) { // else it was given up in the meantime, and that was said
      tools.run().tell(new RunCommand.EvaluationDone(evaluated.report()));
    }
    return happened(new Event.Evaluated(step));
  }

  // ---------------------------------------------------------------- for people

  private Behavior<ConductorCommand> onAsk(ConductorCommand.Ask ask) {
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
    staff
        .gradients()
        .tell(new GradientPoolCommand.Ask(status, getContext().getSelf(), ask.replyTo()));
    return this;
  }

  private Behavior<ConductorCommand> onAsked(ConductorCommand.Asked asked) {
    staff
        .evaluators()
        .ifPresentOrElse(
            e -> e.tell(new EvaluatorPoolCommand.Ask(asked.status(), asked.replyTo())),
            () -> asked.replyTo().tell(asked.status()));
    return this;
  }

  private Behavior<ConductorCommand> onPause(ConductorCommand.Pause pause) {
    tools.run().tell(new RunCommand.Paused(pause.pause(), pause.replyTo()));
    return happened(new Event.PauseRequested(pause.pause()));
  }

  private Behavior<ConductorCommand> onAmend(ConductorCommand.Amend amend) {
    Optional<String> refusal =
        last.isPresent()
            ? Optional.of(RunCommand.OVER)
            : tools.amendable().refuse(amend.key(), amend.value());
    if (refusal.isPresent() || ledger.boundary() >= ledger.last()) {
      String why = refusal.orElse("the last step has begun, so nothing can change any more");
      amend.replyTo().tell(new RunStatus.Done(false, why));
      return this;
    }
    amending = Optional.of(amend.replyTo());
    return happened(new Event.AmendmentRequested(amend.key(), amend.value(), amend.why()));
  }

  private Behavior<ConductorCommand> onStop(ConductorCommand.Stop stop) {
    everywhere |= stop.everywhere();
    return happened(new Event.StopRequested(stop.atOnce()));
  }

  private Behavior<ConductorCommand> onPage(ConductorCommand.Page now) {
    page = now.url();
    return this;
  }

  private Behavior<ConductorCommand> onCheckpoint(ConductorCommand.Checkpoint request) {
    requests.checkpoint(request.replyTo());
    return happened(new Event.CheckpointRequested());
  }

  private Behavior<ConductorCommand> onEvaluate(ConductorCommand.Evaluate request) {
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

  private Behavior<ConductorCommand> onDrain(ConductorCommand.Drain drain) {
    SortedMap<String, ActorRef<HostCommand>> present = new TreeMap<>();
    ledger
        .presentNodes()
        .forEach(
            node ->
                roster
                    .host(node)
                    .ifPresent(host -> present.put(roster.addresses().get(node), host)));
    Optional<ActorRef<HostCommand>> host = Optional.ofNullable(present.get(drain.node()));
    host.ifPresent(h -> h.tell(new HostCommand.Drain(tools.epoch())));
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

  private Behavior<ConductorCommand> onTick() {
    return happened(new Event.Tick(tools.clock().nanos() / 1_000_000));
  }

  private Behavior<ConductorCommand> happened(Event event) {
    ledger.on(event).forEach(this::apply);
    requests.answer(event);
    return this;
  }

  private void apply(Effect effect) {
    if (effect instanceof Effect.Order order) {
      roster.send(order);
      if (order instanceof Effect.Generate && !begun) {
        begun = true;
        tools.run().tell(RunCommand.Begun.INSTANCE);
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
                      new EvaluatorPoolCommand.Evaluate(
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
          .ifPresent(
              host -> host.tell(new HostCommand.Replace(replace.worker(), replace.reason())));
    } else if (effect instanceof Effect.SetAside aside) {
      roster
          .host(aside.node())
          .ifPresent(
              host ->
                  host.tell(
                      new HostCommand.SetAside(
                          tools.epoch(), aside.role(), aside.reason(), aside.leaves())));
    } else if (effect instanceof Effect.Rejoin rejoin) {
      roster
          .host(rejoin.node())
          .ifPresent(host -> host.tell(new HostCommand.Rejoin(tools.epoch())));
    } else if (effect instanceof Effect.Report report) {
      tools.run().tell(new RunCommand.Reported(report.message()));
    } else if (effect instanceof Effect.Fail fail) {
      // this node ends with its host, and not before the journal is whole
      roster.hosts(node -> !isHere(node)).forEach(h -> h.tell(over(fail)));
      endWith(fail);
    } else if (effect instanceof Effect.Amend amend) {
      tools.run().tell(new RunCommand.Amended(amend.amendment(), amending.orElseThrow()));
      amending = Optional.empty();
    } else if (effect instanceof Effect.Finish finish) {
      endWith(finish);
    }
  }

  private boolean isHere(String node) {
    return node.equals(tools.node());
  }

  private HostCommand.RunOver over(Effect.Fail fail) {
    return new HostCommand.RunOver(tools.epoch(), Optional.of(fail.firstCause()));
  }

  /** The run is over once all that was written of it is lasting. */
  private void endWith(Effect effect) {
    last = Optional.of(effect);
    tools.scribe().tell(new Scribe.Sync(true, getContext().getSelf()));
  }

  private Behavior<ConductorCommand> onSynced(ConductorCommand.Synced synced) {
    if (!synced.end()) {
      checkpoint.ifPresent(c -> c.journaled(synced.length()));
      return checkpointed();
    }
    Effect effect = last.orElseThrow();
    if (effect instanceof Effect.Fail fail) {
      tools.run().tell(new RunCommand.Failed(fail.firstCause()));
      roster.hosts(this::isHere).forEach(h -> h.tell(over(fail)));
    } else if (effect instanceof Effect.Finish finish) {
      if (!finish.stopped() || everywhere) { // else it goes on under another conductor
        HostCommand.RunOver over = new HostCommand.RunOver(tools.epoch(), Optional.empty());
        roster.hosts(node -> true).forEach(h -> h.tell(over));
      }
      tools.run().tell(new RunCommand.Finished(end(finish)));
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
    List<PolicyLearnerCommand.Member> members =
        train.groups().stream()
            .map(
                g ->
                    new PolicyLearnerCommand.Member(g, tools.prompts().prompt(g.id(), g.attempt())))
            .toList();
    boolean shown = tools.shown().test(train.step());
    if (shown) {
      letGo(); // of those of a step before, if their answer is missing
      train.groups().forEach(group -> kept.add(group.generation().images()));
    }
    staff
        .policy()
        .tell(new PolicyLearnerCommand.Train(train.step(), members, shown, train.amended()));
    staff
        .critic()
        .ifPresent(
            critic ->
                critic.tell(
                    new CriticLearnerCommand.Train(
                        train.step(),
                        train.groups().stream()
                            .flatMap(g -> g.scoring().features().stream())
                            .toList(),
                        train.amended())));
  }

  private Behavior<ConductorCommand> onRanked(ConductorCommand.Ranked ranked) {
    tools.run().tell(new RunCommand.ImagesRanked(ranked.images()));
    letGo();
    return this;
  }

  /** A node that is gone took them with it; nothing else depends on them. */
  private Behavior<ConductorCommand> onNotRanked(ConductorCommand.NotRanked failed) {
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
                new ConductorCommand.Happened(
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
    roster.hosts(node -> true).forEach(host -> host.tell(new HostCommand.Trained(done.step() + 1)));
    StepReport report = reports.finish(done, now, workers());
    recently.stepped(report);
    tools.run().tell(new RunCommand.StepDone(report));
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
    staff.policy().tell(new PolicyLearnerCommand.Capture(snapshot.step()));
    staff
        .critic()
        .ifPresentOrElse(
            critic -> critic.tell(new CriticLearnerCommand.Capture(snapshot.step())),
            () -> gathering.captured(Weights.CRITIC, new NamedTensors(Map.of())));
    getContext()
        .pipeToSelf(
            Checkpointing.versions(snapshot, tools.policy(), tools.critic()),
            (versions, error) ->
                error == null
                    ? new ConductorCommand.Retained(versions)
                    : new ConductorCommand.Unretained(Failures.unwrap(error)));
  }

  private Behavior<ConductorCommand> onRetained(ConductorCommand.Retained retained) {
    checkpoint.ifPresent(c -> c.retained(retained.versions()));
    return checkpointed();
  }

  private Behavior<ConductorCommand> onUnretained(ConductorCommand.Unretained unretained) {
    throw unretained.cause();
  }

  private Behavior<ConductorCommand> onCaptured(ConductorCommand.Captured captured) {
    checkpoint.ifPresent(c -> c.captured(captured.weights(), captured.state()));
    return checkpointed();
  }

  private Behavior<ConductorCommand> checkpointed() {
    checkpoint
        .flatMap(Checkpointing::complete)
        .ifPresent(
            state -> {
              checkpoint = Optional.empty();
              tools.run().tell(new RunCommand.CheckpointDue(state));
            });
    return this;
  }

  private WeightStream<NamedTensors> stream(Weights weights) {
    return weights == Weights.POLICY ? tools.policy() : tools.critic();
  }
}
