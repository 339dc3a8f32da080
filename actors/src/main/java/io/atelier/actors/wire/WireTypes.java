package io.atelier.actors.wire;

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
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.RunKey;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.MovedCredit;
import io.atelier.learner.loss.LossTerms;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every type that may travel between nodes: the messages, and the records and enums within them.
 *
 * <p>An id is never changed, and never given to another type after its own is gone. A new message
 * takes the next free id of its group; a change to the components of a type or to the constants of
 * an enum raises {@link #VERSION}, and nodes of different versions do not talk to each other.
 */
public final class WireTypes {

  /** Of the bytes of all types together. */
  public static final int VERSION = 12;

  private static final SortedMap<Integer, Class<?>> BY_ID =
      index(
          // 100 to 199: to a worker
          type(100, WorkerCommand.Load.class),
          type(101, WorkerCommand.Generate.class),
          type(102, WorkerCommand.Score.class),
          type(103, WorkerCommand.Revoke.class),
          type(104, WorkerCommand.Compute.class),
          type(105, WorkerCommand.Evaluate.class),
          // 200 to 249: to the conductor
          type(200, ConductorCommand.NodeBeat.class),
          type(201, ConductorCommand.Seat.class),
          type(202, ConductorCommand.Happened.class),
          type(203, ConductorCommand.NodeJoined.class),
          type(204, ConductorCommand.Ask.class),
          type(205, ConductorCommand.Pause.class),
          type(206, ConductorCommand.Drain.class),
          type(207, ConductorCommand.Amend.class),
          type(208, ConductorCommand.PoolWorkerReady.class),
          // what it answers
          type(210, RunStatus.class),
          type(211, RunStatus.Recent.class),
          type(212, RunStatus.Done.class),
          type(213, LedgerStatus.class),
          type(214, LedgerStatus.Stream.class),
          type(215, LedgerStatus.Worker.class),
          type(216, LedgerStatus.Node.class),
          type(217, Counts.class),
          type(218, RunStatus.Helper.class),
          type(219, LedgerStatus.Troubles.class),
          // 250 to 299: to the host of the workers of a node
          type(250, HostCommand.Welcome.class),
          type(251, HostCommand.Refused.class),
          type(252, HostCommand.Rejoin.class),
          type(253, HostCommand.Trained.class),
          type(254, HostCommand.Replace.class),
          type(255, HostCommand.RunOver.class),
          type(256, HostCommand.Drain.class),
          type(257, HostCommand.SetAside.class),
          type(258, RunKey.class),
          // 300 to 349: events of the ledger
          type(300, Event.Tick.class),
          type(301, Event.Published.class),
          type(302, Event.NotLoaded.class),
          type(303, Event.WorkerLost.class),
          type(324, Event.NoRoom.class),
          type(304, Event.NodeLost.class),
          type(305, Event.Loaded.class),
          type(306, Event.Generated.class),
          type(307, Event.Scored.class),
          type(308, Event.ScoreLater.class),
          type(309, Event.Unscorable.class),
          type(310, Event.Released.class),
          type(311, Event.PolicyTrained.class),
          type(312, Event.CriticTrained.class),
          type(313, Event.Evaluated.class),
          type(314, Event.CheckpointWritten.class),
          type(315, Event.StopRequested.class),
          type(316, Event.Broken.class),
          type(317, Event.NodeJoined.class),
          type(318, Event.NodeBeat.class),
          type(319, Event.GaveUp.class),
          type(320, Event.Landed.class),
          type(321, Event.NotLanded.class),
          type(322, Event.ImagesGone.class),
          type(323, Event.Journaled.class),
          type(330, Event.NotEvaluated.class),
          type(340, Event.PauseRequested.class),
          type(341, Event.CheckpointRequested.class),
          type(342, Event.EvaluationRequested.class),
          type(343, Event.AmendmentRequested.class),
          // 500 to 549: to a pool, and what it is told of; 500 to 503 and 520 to 523 were others
          type(504, PoolCommand.Task.class),
          type(505, PoolCommand.Computed.class),
          type(506, PoolCommand.Evaluated.class),
          type(507, PoolCommand.NotDone.class),
          type(510, MicroBatch.class),
          type(511, LossTerms.class),
          // 400 to 499: what messages hold
          type(400, WorkerId.class),
          type(401, Role.class),
          type(402, Weights.class),
          type(403, Span.class),
          type(404, BlobRef.class),
          type(405, GroupId.class),
          type(406, Prompt.class),
          type(407, Reward.Scored.class),
          type(408, Identity.class),
          type(409, Identity.Part.class),
          type(410, Credit.class),
          type(411, WorkerState.class),
          type(412, MovedCredit.class));

  /** Kryo keeps the ids below for primitives. */
  private static final int FIRST = 100;

  private WireTypes() {}

  /** The types by id; cannot be changed. */
  public static SortedMap<Integer, Class<?>> byId() {
    return BY_ID;
  }

  private record Entry(int id, Class<?> type) {}

  private static Entry type(int id, Class<?> type) {
    return new Entry(id, type);
  }

  private static SortedMap<Integer, Class<?>> index(Entry... entries) {
    SortedMap<Integer, Class<?>> byId = new TreeMap<>();
    Set<Class<?>> types = new HashSet<>();
    for (Entry entry : entries) {
      String name = entry.type().getName();
      if (entry.id() < FIRST) {
        throw new IllegalStateException("%s: id %d is under %d".formatted(name, entry.id(), FIRST));
      }
      Class<?> other = byId.put(entry.id(), entry.type());
      if (other != null) {
        throw new IllegalStateException(
            "id %d for both %s and %s".formatted(entry.id(), other.getName(), name));
      }
      if (!types.add(entry.type())) {
        throw new IllegalStateException("two ids for " + name);
      }
    }
    return Collections.unmodifiableSortedMap(byId);
  }
}
