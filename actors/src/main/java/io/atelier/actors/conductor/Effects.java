package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.EffectHandler;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out the effects of the ledger, most of them by sending a message. */
final class Effects implements EffectHandler {
  private final ActorContext<ConductorCommand> context;
  private final Ledger ledger;
  private final ConductorSetup tools;
  private final ConductorCommand.Staffed staff;
  private final Roster roster;
  private final StepReports reports;
  private final Recently recently;
  private final Checkpoints checkpoints;
  private final Ending ending;
  private final GroupTimes times = new GroupTimes();
  private final KeptBlobs blobs;

  /** Whether a group was given to a worker. */
  private boolean begun;

  private List<GroupCredit> credits = List.of();
  private Optional<ActorRef<RunStatus.Done>> amending = Optional.empty();

  Effects(
      ActorContext<ConductorCommand> context,
      Ledger ledger,
      ConductorSetup tools,
      ConductorCommand.Staffed staff,
      Roster roster,
      StepReports reports,
      Recently recently,
      Checkpoints checkpoints,
      Ending ending) {
    this.context = context;
    this.ledger = ledger;
    this.tools = tools;
    this.staff = staff;
    this.roster = roster;
    this.reports = reports;
    this.recently = recently;
    this.checkpoints = checkpoints;
    this.ending = ending;
    this.blobs = new KeptBlobs(tools.blobs(), tools.gallery());
  }

  // ---------------------------------------------------------------- workers and nodes

  @Override
  public void on(Effect.Load load) {
    roster.load(load);
  }

  @Override
  public void on(Effect.Generate lease) {
    roster.generate(lease);
    if (!begun) {
      begun = true;
      tools.run().tell(RunCommand.Begun.INSTANCE);
    }
  }

  @Override
  public void on(Effect.Score lease) {
    roster.score(lease);
  }

  @Override
  public void on(Effect.Revoke revoke) {
    roster.revoke(revoke);
  }

  @Override
  public void on(Effect.Replace replace) {
    roster
        .host(replace.worker().node())
        .ifPresent(host -> host.tell(new HostCommand.Replace(replace.worker(), replace.reason())));
  }

  @Override
  public void on(Effect.SetAside aside) {
    roster
        .host(aside.node())
        .ifPresent(
            host ->
                host.tell(
                    new HostCommand.SetAside(
                        tools.epoch(), aside.role(), aside.reason(), aside.leaves())));
  }

  @Override
  public void on(Effect.Rejoin rejoin) {
    roster.host(rejoin.node()).ifPresent(host -> host.tell(new HostCommand.Rejoin(tools.epoch())));
  }

  @Override
  public void on(Effect.Forget forget) {
    roster.forget(forget.node());
    recently.forget(forget.node());
  }

  // ---------------------------------------------------------------- groups and steps

  @Override
  public void on(Effect.Admit admit) {
    times.admitted(admit.id(), tools.clock().nanos());
  }

  @Override
  public void on(Effect.Land land) {
    context.pipeToSelf(
        new Landing(tools.blobs()).land(land),
        (landed, error) ->
            error == null ? new ConductorCommand.Happened(landed) : not(land, error));
  }

  /** A full store has room once a step is trained; what is gone does not come back. */
  private static ConductorCommand not(Effect.Land land, Throwable error) {
    RuntimeException cause = Failures.unwrap(error);
    return BlobStoreFullException.isForNow(cause)
        ? new ConductorCommand.NoRoom(land)
        : new ConductorCommand.Happened(
            new Event.NotLanded(land.id(), land.order(), Failures.describe(cause)));
  }

  @Override
  public void on(Effect.Train train) {
    times.training(tools.clock().nanos());
    List<PolicyLearnerCommand.Member> members =
        train.groups().stream()
            .map(
                g ->
                    new PolicyLearnerCommand.Member(g, tools.prompts().prompt(g.id(), g.attempt())))
            .toList();
    boolean shown = tools.shown().test(train.step());
    if (shown) {
      blobs.keep(train.groups().stream().map(group -> group.generation().images()).toList());
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

  /**
   * Notes what the groups of the step were trained on that the policy learner has finished.
   *
   * @param all in slot order
   */
  void trainedOn(List<GroupCredit> all) {
    credits = all;
  }

  @Override
  public void on(Effect.StepDone done) {
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
    blobs.handOver(new Gallery.Keep(done.step() + 1, groups));
    roster.hosts(node -> true).forEach(host -> host.tell(new HostCommand.Trained(done.step() + 1)));
    StepReport report = reports.finish(done, now, workers());
    recently.stepped(report);
    tools.run().tell(new RunCommand.StepDone(report));
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

  @Override
  public void on(Effect.Release release) {
    blobs.release(release.blob());
  }

  /** The ranked images are shown, or never will be. */
  void letGo() {
    blobs.letGo();
  }

  @Override
  public void on(Effect.Retire retire) {
    stream(retire.weights()).retire(retire.version());
  }

  private WeightStream<NamedTensors> stream(Weights weights) {
    return weights == Weights.POLICY ? tools.policy() : tools.critic();
  }

  @Override
  public void on(Effect.Evaluate evaluate) {
    staff
        .evaluators()
        .ifPresent(
            e ->
                e.tell(
                    new PoolCommand.Evaluate(
                        evaluate.step(), evaluate.attempt(), evaluate.hash())));
  }

  /** Says who gets the answer to the amendment that is about to be requested. */
  void answerAmendment(ActorRef<RunStatus.Done> replyTo) {
    amending = Optional.of(replyTo);
  }

  @Override
  public void on(Effect.Amend amend) {
    tools.run().tell(new RunCommand.Amended(amend.amendment(), amending.orElseThrow()));
    amending = Optional.empty();
  }

  @Override
  public void on(Effect.Report report) {
    tools.run().tell(new RunCommand.Reported(report.message()));
  }

  @Override
  public void on(Effect.Write write) {
    tools.scribe().tell(new Scribe.Append(write.entry(), context.getSelf()));
  }

  @Override
  public void on(Effect.Checkpoint due) {
    checkpoints.begin(due.snapshot());
  }

  @Override
  public void on(Effect.Fail fail) {
    ending.fail(fail);
  }

  @Override
  public void on(Effect.Finish finish) {
    ending.finish(finish);
  }
}
