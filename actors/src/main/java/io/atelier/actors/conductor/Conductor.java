package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.StashBuffer;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actor that sequences a run. Turns messages into events of the {@link Ledger}, which decides,
 * and has its effects carried out.
 */
public final class Conductor extends AbstractBehavior<ConductorCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);

  /** Messages before the conductor knows its learners: a few for each actor of the run. */
  private static final int STASH = 10_000;

  /** Before a full store is tried again. */
  private static final Duration ROOM_PAUSE = Duration.ofMillis(250);

  private final ConductorSetup tools;
  private final Ledger ledger;
  private final Roster roster;
  private final StepReports reports;
  private final Recently recently = new Recently();
  private final ConductorCommand.Staffed staff;
  private final Requests requests;
  private final Membership membership;

  /** Where people see the run; empty if nowhere. */
  private String page = "";

  private final Checkpoints checkpoints;
  private final Ending ending;
  private final Effects effects;

  private Conductor(
      ActorContext<ConductorCommand> context,
      TimerScheduler<ConductorCommand> timers,
      Ledger ledger,
      ConductorSetup tools,
      ConductorCommand.Staffed staff) {
    super(context);
    this.staff = staff;
    this.ledger = ledger;
    this.tools = tools;
    this.roster = new Roster(tools.prompts());
    this.reports = new StepReports(tools.clock().nanos());
    this.requests = new Requests(ledger);
    this.membership = new Membership(context, tools, roster);
    this.checkpoints = new Checkpoints(context, tools, staff);
    this.ending = new Ending(tools, roster, context.getSelf());
    this.effects =
        new Effects(context, ledger, tools, staff, roster, reports, recently, checkpoints, ending);
    timers.startTimerWithFixedDelay(ConductorCommand.Tick.INSTANCE, tools.tick());
    onTick();
  }

  public static Behavior<ConductorCommand> create(Ledger ledger, ConductorSetup tools) {
    return Behaviors.withStash(
        STASH, stash -> Behaviors.withTimers(timers -> unstaffed(stash, timers, ledger, tools)));
  }

  /** Waits to be told who the learners are; they may be faster than that with what they tell. */
  private static Behavior<ConductorCommand> unstaffed(
      StashBuffer<ConductorCommand> stash,
      TimerScheduler<ConductorCommand> timers,
      Ledger ledger,
      ConductorSetup tools) {
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
        .onMessage(ConductorCommand.NodeBeat.class, this::onNodeBeat)
        .onMessage(ConductorCommand.PoolWorkerReady.class, this::onPoolWorkerReady)
        .onMessage(ConductorCommand.Happened.class, this::onHappened)
        .onMessage(ConductorCommand.PolicyTrained.class, this::onPolicyTrained)
        .onMessage(ConductorCommand.CriticTrained.class, this::onCriticTrained)
        .onMessage(ConductorCommand.Captured.class, this::onCaptured)
        .onMessage(ConductorCommand.Retained.class, this::onRetained)
        .onMessage(ConductorCommand.Unretained.class, this::onUnretained)
        .onMessage(ConductorCommand.Ranked.class, this::onRanked)
        .onMessage(ConductorCommand.NotRanked.class, this::onNotRanked)
        .onMessage(ConductorCommand.Synced.class, this::onSynced)
        .onMessage(ConductorCommand.NoRoom.class, this::onNoRoom)
        .onMessage(ConductorCommand.LandAgain.class, this::onLandAgain)
        .onMessage(ConductorCommand.Closed.class, this::onClosed)
        .onMessage(ConductorCommand.Evaluated.class, this::onEvaluated)
        .onMessage(ConductorCommand.Ask.class, this::onAsk)
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
    membership.joined(joined).ifPresent(this::happened);
    return this;
  }

  private Behavior<ConductorCommand> onNodeGone(ConductorCommand.NodeGone gone) {
    membership.gone(gone.node());
    return this;
  }

  private Behavior<ConductorCommand> onNodeDoubted(ConductorCommand.NodeDoubted doubted) {
    membership.doubted(doubted.node(), ledger.presentNodes().contains(doubted.node()));
    return this;
  }

  private Behavior<ConductorCommand> onNodeBeat(ConductorCommand.NodeBeat beat) {
    if (!roster.knows(beat.node())) { // it was gone for too long
      beat.host().tell(new HostCommand.Rejoin(tools.epoch()));
      return this;
    }
    roster.seated(beat);
    List<WorkerState> workers = beat.seats().stream().map(ConductorCommand.Seat::worker).toList();
    return happened(new Event.NodeBeat(beat.node(), beat.number(), workers, beat.left()));
  }

  /** The ledger does not manage the workers of pools; these do. */
  private Behavior<ConductorCommand> onPoolWorkerReady(ConductorCommand.PoolWorkerReady ready) {
    pools(ready.task()).forEach(pool -> pool.tell(new PoolCommand.Ready(ready.worker())));
    return this;
  }

  private List<ActorRef<PoolCommand>> pools(PoolCommand.Task task) {
    return switch (task) {
      case GRADIENT -> List.of(staff.gradients());
      case EVALUATION -> staff.evaluators().stream().toList();
    };
  }

  private Behavior<ConductorCommand> onHappened(ConductorCommand.Happened message) {
    Event event = message.event();
    if (event instanceof Event.Generated generated) {
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
    effects.trainedOn(trained.credits());
    return happened(trained.event());
  }

  private Behavior<ConductorCommand> onCriticTrained(ConductorCommand.CriticTrained trained) {
    reports.learned("critic", trained.metrics(), trained.span());
    return happened(trained.event());
  }

  private Behavior<ConductorCommand> onEvaluated(ConductorCommand.Evaluated evaluated) {
    int step = evaluated.report().step();
    if (ledger.awaitsEvaluation(step)) { // otherwise it was given up meanwhile, which was reported
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
        .tell(new PoolCommand.Ask(status, staff.evaluators().stream().toList(), ask.replyTo()));
    return this;
  }

  private Behavior<ConductorCommand> onPause(ConductorCommand.Pause pause) {
    tools.run().tell(new RunCommand.Paused(pause.pause(), pause.replyTo()));
    return happened(new Event.PauseRequested(pause.pause()));
  }

  private Behavior<ConductorCommand> onAmend(ConductorCommand.Amend amend) {
    Optional<String> refusal =
        ending.isOver()
            ? Optional.of(RunCommand.OVER)
            : tools.amendable().refuse(amend.key(), amend.value());
    if (refusal.isPresent() || ledger.boundary() >= ledger.last()) {
      String why = refusal.orElse("the last step has begun, so nothing can change any more");
      amend.replyTo().tell(new RunStatus.Done(false, why));
      return this;
    }
    effects.answerAmendment(amend.replyTo());
    return happened(new Event.AmendmentRequested(amend.key(), amend.value(), amend.why()));
  }

  private Behavior<ConductorCommand> onStop(ConductorCommand.Stop stop) {
    ending.stop(stop.everywhere());
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
    roster.drain(drain, ledger.presentNodes(), tools.epoch());
    return this;
  }

  private Behavior<ConductorCommand> onTick() {
    return happened(new Event.Tick(tools.clock().nanos() / 1_000_000));
  }

  private Behavior<ConductorCommand> happened(Event event) {
    ledger.on(event).forEach(effect -> effect.handleBy(effects));
    requests.answer(event);
    return this;
  }

  private Behavior<ConductorCommand> onRanked(ConductorCommand.Ranked ranked) {
    tools.run().tell(new RunCommand.ImagesRanked(ranked.images()));
    effects.letGo();
    return this;
  }

  /** A node that is gone took them with it; nothing else depends on them. */
  private Behavior<ConductorCommand> onNotRanked(ConductorCommand.NotRanked failed) {
    LOG.warn(
        "the images of step {} with the highest and lowest rewards are not shown: {}",
        failed.step() + 1,
        Failures.describe(failed.cause()));
    effects.letGo();
    return this;
  }

  private Behavior<ConductorCommand> onSynced(ConductorCommand.Synced synced) {
    if (synced.end()) {
      ending.journaled();
    } else {
      checkpoints.journaled(synced.length());
    }
    return this;
  }

  private Behavior<ConductorCommand> onNoRoom(ConductorCommand.NoRoom full) {
    getContext()
        .scheduleOnce(
            ROOM_PAUSE, getContext().getSelf(), new ConductorCommand.LandAgain(full.land()));
    return this;
  }

  private Behavior<ConductorCommand> onLandAgain(ConductorCommand.LandAgain again) {
    if (ledger.awaitsLanding(again.land().id(), again.land().order())) {
      effects.on(again.land());
    }
    return this;
  }

  private Behavior<ConductorCommand> onClosed(ConductorCommand.Closed closed) {
    if (!closed.elsewhere()) {
      ending.closed(closed.failure());
    }
    return Behaviors.stopped();
  }

  private Behavior<ConductorCommand> onRetained(ConductorCommand.Retained retained) {
    checkpoints.retained(retained.versions());
    return this;
  }

  private Behavior<ConductorCommand> onUnretained(ConductorCommand.Unretained unretained) {
    throw unretained.cause();
  }

  private Behavior<ConductorCommand> onCaptured(ConductorCommand.Captured captured) {
    checkpoints.captured(captured.weights(), captured.state());
    return this;
  }
}
