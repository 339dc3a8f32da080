package io.atelier.actors.ledger.event;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Credit;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger is told. Messages may come late, twice, in any order or not at all; {@code order}
 * is the number of the {@link Effect.Order} that a worker answers, by which doubles are known.
 */
public sealed interface Event {

  /** Calls the method that handles it. */
  void handleBy(EventHandler handler);

  /**
   * Time has come to {@code millis}, from any origin; never goes back. One that comes much later
   * than the one before says that the conductor stood still.
   */
  record Tick(long millis) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * The learner published a version that is not the outcome of a step of this run: the first ones.
   */
  record Published(Weights weights, long version, String hash) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A worker is gone: it left, died, or its computation failed with {@code error}. */
  record WorkerLost(WorkerId worker, Optional<String> error) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A node has joined, and will have workers of these roles.
   *
   * @param watched whether it is lost when it falls silent; the conductor's own node is not
   * @param storeBytes that its store of blobs holds at most
   */
  record NodeJoined(String node, List<Role> roles, boolean watched, long storeBytes)
      implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A heartbeat of a node.
   *
   * @param number heartbeats of the node so far: one that a later one overtook says nothing
   * @param workers all of its workers that can take orders; a new one holds no weights
   * @param left blobs of workers that are gone: those that no group has are released
   */
  record NodeBeat(String node, long number, List<WorkerState> workers, List<BlobRef> left)
      implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A node gives up on a worker that failed again and again.
   *
   * @param last whether it has no other worker of that role
   */
  record GaveUp(WorkerId worker, int failures, String reason, boolean last) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A node is gone, with its workers and its blobs. */
  record NodeLost(String node) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A worker holds a version.
   *
   * @param hash of what it holds after loading
   * @param changed tensors that are others than before
   * @param span from the order to the end of loading, the transfer included
   */
  record Loaded(WorkerId worker, long order, String hash, int changed, Span span) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The version that a worker was to load did not arrive. */
  record NotLoaded(WorkerId worker, long order, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * The result of a worker does not fit into the store of its node, and waits; said again until it
   * does.
   *
   * @param bytes that the result takes there
   */
  record NoRoom(WorkerId worker, long order, long bytes) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A worker generated the group it was leased; the hash is of the policy it holds. */
  record Generated(
      WorkerId worker, long order, String hash, BlobRef images, BlobRef trajectory, Span span)
      implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * A worker scored the group it was leased.
   *
   * @param hash of the critic it holds
   * @param potentials scores of the group's completions, one for each trained step; none where
   *     credit is not given by step
   * @param pictures of the images for people to look at; empty where none were made
   * @param transfer when its images were on their way
   * @param encoded when they had passed through the encoder; the start of {@code span} if there is
   *     none
   * @param span when it was computed
   */
  record Scored(
      WorkerId worker,
      long order,
      String hash,
      Reward.Scored scores,
      List<Reward.Scored> potentials,
      Optional<BlobRef> features,
      Optional<BlobRef> pictures,
      Span transfer,
      long encoded,
      Span span)
      implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * What training needs of a scored group is held by the conductor's node, under these references.
   *
   * @param order the order that scored it
   */
  record Landed(GroupId id, long order, BlobRef trajectory, Optional<BlobRef> features)
      implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** What training needs of a scored group is lost. */
  record NotLanded(GroupId id, long order, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The images to be scored are lost, or their node is. */
  record ImagesGone(WorkerId worker, long order, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The group could not be scored now. */
  record ScoreLater(WorkerId worker, long order, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The group will never have scores. */
  record Unscorable(WorkerId worker, long order, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A worker has given up an order, or never began it. */
  record Released(WorkerId worker, long order) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /**
   * The policy learner trained a step and published version {@code step + 1}.
   *
   * @param credits of its groups, in slot order; empty if its objective has no advantages
   */
  record PolicyTrained(int step, String hash, List<Credit> credits) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The critic learner trained a step and published version {@code step + 1}. */
  record CriticTrained(int step, String hash) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** An evaluation is done. */
  record Evaluated(int step) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** An evaluation was tried and failed. */
  record NotEvaluated(int step, int attempt, String reason) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** The journal's lines of the first {@code steps} steps are written. */
  record Journaled(int steps) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A checkpoint is written. */
  record CheckpointWritten(int step) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** Write a checkpoint at the next step boundary, unless there is one. */
  record CheckpointRequested() implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** Evaluate the newest version, unless that is done or due already. */
  record EvaluationRequested() implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A configuration value shall change from the next step that begins. */
  record AmendmentRequested(String key, double value, String why) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** Stop or resume giving leases. */
  record PauseRequested(boolean pause) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** Stop the run, after the current step and a checkpoint or at once; ends a pause. */
  record StopRequested(boolean atOnce) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }

  /** A failure that the ledger cannot recover from. */
  record Broken(String cause) implements Event {
    @Override
    public void handleBy(EventHandler handler) {
      handler.on(this);
    }
  }
}
