package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.ServiceKey;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.RankedImages;
import io.atelier.models.state.NamedTensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** What the conductor is told. */
public sealed interface ConductorCommand {

  /** By which the nodes of a cluster find it. */
  ServiceKey<ConductorCommand> KEY = ServiceKey.create(ConductorCommand.class, "conductor");

  /**
   * A heartbeat of a node, with all of its workers that can take orders. What was said once and
   * lost, such as an order or its answer, is seen by it.
   *
   * @param number heartbeats of the node so far
   * @param left blobs of workers that are gone
   * @param host to be told if the node is not known here
   */
  record NodeBeat(
      String node, long number, List<Seat> seats, List<BlobRef> left, ActorRef<HostCommand> host)
      implements ConductorCommand, WireMessage {}

  /** A worker of a heartbeat, and where it takes orders. */
  record Seat(WorkerState worker, ActorRef<WorkerCommand> ref) {}

  /**
   * A node offers its workers.
   *
   * @param identity what it would compute
   * @param computing what it computes with, for people
   * @param storeBytes that its store of blobs holds at most
   */
  record NodeJoined(
      String node,
      List<Role> roles,
      Identity identity,
      String computing,
      long storeBytes,
      ActorRef<HostCommand> host)
      implements ConductorCommand, WireMessage {}

  /** A worker of a pool is there and has nothing to do. */
  record PoolWorkerReady(PoolCommand.Task task, ActorRef<WorkerCommand> worker)
      implements ConductorCommand, WireMessage {}

  /** Asks how the run is; answered at once, by way of the pools, who know their workers. */
  record Ask(ActorRef<RunStatus> replyTo) implements ConductorCommand, WireMessage {}

  /** Give no new leases, or give them again. */
  record Pause(boolean pause, ActorRef<RunStatus.Done> replyTo)
      implements ConductorCommand, WireMessage {}

  /** A value is to be another one from the next step on that begins; answered when it is noted. */
  record Amend(String key, double value, String why, ActorRef<RunStatus.Done> replyTo)
      implements ConductorCommand, WireMessage {}

  /**
   * End the run.
   *
   * @param everywhere whether the nodes end with it; else the run goes on elsewhere
   */
  record Stop(boolean atOnce, boolean everywhere) implements ConductorCommand {}

  /** People see the run at this address, on the conductor's machine. */
  record Page(String url) implements ConductorCommand {}

  /** Write a checkpoint at the next boundary between steps; answered when it is written. */
  record Checkpoint(ActorRef<RunStatus.Done> replyTo) implements ConductorCommand {}

  /** Evaluate the newest version of the policy; answered when that is done. */
  record Evaluate(ActorRef<RunStatus.Done> replyTo) implements ConductorCommand {}

  /**
   * A node is to leave the run.
   *
   * @param node its address in the cluster, {@code host:port}
   */
  record Drain(String node, ActorRef<RunStatus.Done> replyTo)
      implements ConductorCommand, WireMessage {}

  /** Anything that only the ledger needs to know. */
  record Happened(Event event) implements ConductorCommand, WireMessage {}

  /**
   * The policy learner is done with a step.
   *
   * @param credits what its groups were trained on, in slot order
   */
  record PolicyTrained(
      Event.PolicyTrained event, Map<String, Double> metrics, List<GroupCredit> credits, Span span)
      implements ConductorCommand {}

  /** The critic learner is done with a step. */
  record CriticTrained(Event.CriticTrained event, Map<String, Double> metrics, Span span)
      implements ConductorCommand {}

  /** A learner's state between two steps. */
  record Captured(Weights weights, int step, NamedTensors state) implements ConductorCommand {}

  /**
   * Everything that the journal was given is synced.
   *
   * @param end whether nothing comes after it
   * @param length of the journal in bytes
   */
  record Synced(boolean end, long length) implements ConductorCommand {}

  /** What training needs of a group does not fit here now. */
  record NoRoom(Effect.Land land) implements ConductorCommand {}

  /** The same, some time ago. */
  record LandAgain(Effect.Land land) implements ConductorCommand {}

  /**
   * The run is over and all its files are closed: tell the nodes, and stop.
   *
   * @param failure first cause, if the run failed
   * @param elsewhere whether another process goes on, although this one failed
   */
  record Closed(Optional<String> failure, boolean elsewhere) implements ConductorCommand {}

  /** An evaluation is done. */
  record Evaluated(EvaluationReport report) implements ConductorCommand {}

  /** The learners and the evaluator are there. */
  record Staffed(
      ActorRef<PolicyLearnerCommand> policy,
      ActorRef<PoolCommand> gradients,
      Optional<ActorRef<CriticLearnerCommand>> critic,
      Optional<ActorRef<PoolCommand>> evaluators)
      implements ConductorCommand {}

  /** A node has ended, or was removed from the cluster; or so it seems. */
  record NodeGone(String node) implements ConductorCommand {}

  /** It is time to see whether a node is really gone. */
  record NodeDoubted(String node) implements ConductorCommand {}

  enum Tick implements ConductorCommand {
    INSTANCE
  }

  record Retained(Versions versions) implements ConductorCommand {}

  record Unretained(RuntimeException cause) implements ConductorCommand {}

  /** The images of a step that are to be shown. */
  record Ranked(RankedImages images) implements ConductorCommand {}

  /** Images that are to be shown are gone. */
  record NotRanked(int step, RuntimeException cause) implements ConductorCommand {}

  /** The versions of the weights that groups still need, by number. */
  record Versions(SortedMap<Long, NamedTensors> policy, SortedMap<Long, NamedTensors> critic) {}
}
