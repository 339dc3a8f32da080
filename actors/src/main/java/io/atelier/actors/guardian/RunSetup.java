package io.atelier.actors.guardian;

import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.journal.LedgerJournal;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Compute;
import io.atelier.actors.port.Handover;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.port.RunListener;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.port.Transport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.transport.RunKey;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Everything a run is made of, except workers on other nodes.
 *
 * @param ledger schedule, steps, limits
 * @param epoch which conductor of the run this is, from 0
 * @param paused whether it begins with a pause: the conductor before was told to, and the pause has
 *     not been ended
 * @param identity what the run is; nodes that are something else are refused
 * @param key what the nodes of this run seal bytes with, and accept none without
 * @param workers the workers of this JVM; empty if the nodes of a cluster have them all
 * @param compute makers of the compute objects
 * @param prompts the prompt of every group
 * @param resume the checkpoint to go on from, which the run takes over; empty for a fresh run
 * @param amendments values that are others from some step on, in the order in which they were made
 * @param amendable what may still be amended
 * @param evaluated what the run's files have of evaluations: content hash of the policy, by step
 * @param transport how bytes travel
 * @param clock time
 * @param journal where the ends of groups are written
 * @param trace where groups go once they are trained
 * @param pictures of training images; empty for none
 * @param listener the shell
 */
public record RunSetup(
    LedgerConfig ledger,
    int epoch,
    boolean paused,
    Identity identity,
    RunKey key,
    Optional<Workers> workers,
    Compute compute,
    PromptSource prompts,
    Handover<StepState> resume,
    List<Amendment> amendments,
    Amendable amendable,
    SortedMap<Integer, String> evaluated,
    Transport transport,
    Clock clock,
    LedgerJournal journal,
    TraceSink trace,
    Optional<Pictures> pictures,
    RunListener listener) {

  /**
   * Pictures of training images.
   *
   * @param pixels most rows and columns of one; 0 where no more are made
   * @param sink where they are kept
   */
  public record Pictures(int pixels, PictureSink sink) {}

  /**
   * @param rollout rollout workers, at least 1
   * @param reward reward workers, at least 1
   * @param gradient gradient workers beside the learner, which computes micro-batches itself
   * @param restarts how often one worker is replaced after a failure before it is given up
   * @param computing what they compute with, for people: device, type, library
   */
  public record Workers(int rollout, int reward, int gradient, int restarts, String computing) {
    public Workers {
      if (rollout < 1 || reward < 1 || gradient < 0 || restarts < 0) {
        throw new IllegalArgumentException(
            "workers need rollout >= 1, reward >= 1, gradient >= 0 and restarts >= 0, got %d, %d, %d and %d"
                .formatted(rollout, reward, gradient, restarts));
      }
    }
  }

  public RunSetup {
    if (ledger.critic() != compute.critic().isPresent()) {
      throw new IllegalArgumentException(
          "the ledger counts %s critic, but the run has %s"
              .formatted(
                  ledger.critic() ? "a" : "no", compute.critic().isPresent() ? "one" : "none"));
    }
    if (ledger.evaluateEvery() > 0 && compute.evaluation().isEmpty()) {
      throw new IllegalArgumentException(
          "evaluations are due every %d steps, but the run has no evaluation"
              .formatted(ledger.evaluateEvery()));
    }
  }
}
