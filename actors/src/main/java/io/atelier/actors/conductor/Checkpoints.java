package io.atelier.actors.conductor;

import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.models.state.NamedTensors;
import java.util.Map;
import java.util.Optional;

/** Collects the parts of the checkpoint in progress, if any, and passes it on when complete. */
final class Checkpoints {
  private final ActorContext<ConductorCommand> context;
  private final ConductorSetup tools;
  private final ConductorCommand.Staffed staff;
  private Optional<Checkpointing> checkpoint = Optional.empty();

  Checkpoints(
      ActorContext<ConductorCommand> context,
      ConductorSetup tools,
      ConductorCommand.Staffed staff) {
    this.context = context;
    this.tools = tools;
    this.staff = staff;
  }

  /** Asks the learners for their states and has the journal synced. */
  void begin(LedgerSnapshot snapshot) {
    tools.scribe().tell(new Scribe.Sync(false, context.getSelf()));
    Checkpointing gathering = new Checkpointing(snapshot);
    checkpoint = Optional.of(gathering);
    staff.policy().tell(new PolicyLearnerCommand.Capture(snapshot.step()));
    staff
        .critic()
        .ifPresentOrElse(
            critic -> critic.tell(new CriticLearnerCommand.Capture(snapshot.step())),
            () -> gathering.captured(Weights.CRITIC, new NamedTensors(Map.of())));
    context.pipeToSelf(
        Checkpointing.versions(snapshot, tools.policy(), tools.critic()),
        (versions, error) ->
            error == null
                ? new ConductorCommand.Retained(versions)
                : new ConductorCommand.Unretained(Failures.unwrap(error)));
  }

  void retained(ConductorCommand.Versions versions) {
    checkpoint.ifPresent(c -> c.retained(versions));
    checkpointed();
  }

  void captured(Weights weights, NamedTensors state) {
    checkpoint.ifPresent(c -> c.captured(weights, state));
    checkpointed();
  }

  private void checkpointed() {
    checkpoint
        .flatMap(Checkpointing::complete)
        .ifPresent(
            state -> {
              checkpoint = Optional.empty();
              tools.run().tell(new RunCommand.CheckpointDue(state));
            });
  }

  /** The journal is synced up to this many bytes. */
  void journaled(long length) {
    checkpoint.ifPresent(c -> c.journaled(length));
    checkpointed();
  }
}
