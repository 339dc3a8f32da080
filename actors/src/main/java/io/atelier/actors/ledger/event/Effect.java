package io.atelier.actors.ledger.event;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** An action that the ledger orders; effects are carried out in order. */
public sealed interface Effect {

  /** Calls the method that carries it out. */
  void handleBy(EffectHandler handler);

  /** An order to a worker, which answers with the same number. Numbers only grow. */
  sealed interface Order extends Effect {
    WorkerId worker();

    long order();
  }

  /** Load a version, and answer with the hash of what is held then. */
  record Load(WorkerId worker, long order, Weights weights, long version, String hash)
      implements Order {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A lease: generate the group with the version held. */
  record Generate(WorkerId worker, long order, GroupId id, int attempt, long version, String hash)
      implements Order {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A lease: score the group with the version held. */
  record Score(
      WorkerId worker,
      long order,
      GroupId id,
      int attempt,
      BlobRef images,
      long version,
      String hash)
      implements Order {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** The lease has expired; answer that the order is given up. */
  record Revoke(WorkerId worker, long order) implements Order {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** End this worker and start another in its place. */
  record Replace(WorkerId worker, String reason) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A node gets no more work of a role, since everything fails there.
   *
   * @param reason its first failure
   * @param leaves whether it is there for nothing else, and is to end
   */
  record SetAside(String node, Role role, String reason, boolean leaves) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A node that was taken for lost is alive: its workers have to join anew. */
  record Rejoin(String node) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A node and its workers were lost so long ago that nobody asks for them any more. */
  record Forget(String node) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Bring what training needs of a scored group to the conductor's node, so that nobody else's
   * death can take it away.
   *
   * @param order the order that scored it, to be named in the answer
   */
  record Land(GroupId id, long order, BlobRef trajectory, Optional<BlobRef> features)
      implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A group was admitted; for traces. */
  record Admit(GroupId id, int attempt) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Update policy and critic with the groups of a step, in this order.
   *
   * @param amended values that are others in this step than in the configuration, by key
   */
  record Train(int step, List<TrainingGroup> groups, SortedMap<String, Double> amended)
      implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Record an amendment, so that a later process applies it, too. */
  record Amend(Amendment amendment) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** A step is trained. */
  record StepDone(
      int step,
      String policyHash,
      long criticVersion,
      String criticHash,
      List<TrainingGroup> groups,
      Counts counts)
      implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Release a blob. */
  record Release(BlobRef blob) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Retire a version. */
  record Retire(Weights weights, long version) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Evaluate policy version {@code step}. Whatever was asked before is done or not wanted any more:
   * who still works on it is late.
   *
   * @param attempt how often it was asked for, from 1; to be named if it fails
   */
  record Evaluate(int step, int attempt, String hash) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Append to the journal. */
  record Write(LedgerEntry entry) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Capture the state of both learners now, before the next step, and write a checkpoint. */
  record Checkpoint(LedgerSnapshot snapshot) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** Report to the user. */
  record Report(String message) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** The run has failed; last effect. */
  record Fail(String firstCause) implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }

  /** The run is over; last effect. */
  record Finish(int steps, boolean stopped, String policyHash, String criticHash, Counts counts)
      implements Effect {
    @Override
    public void handleBy(EffectHandler handler) {
      handler.on(this);
    }
  }
}
