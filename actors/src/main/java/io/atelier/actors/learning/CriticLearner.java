package io.atelier.actors.learning;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.port.Handover;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.Critic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Updates the critic with the features of every step's groups, one step at a time in order, and
 * publishes each version. Runs on a thread of its own, which it blocks while it computes; an
 * exception ends it, and the run with it.
 */
public final class CriticLearner extends AbstractBehavior<CriticLearnerCommand> {

  /**
   * What the critic learner works with.
   *
   * @param conductor whom it answers
   * @param stream where versions are published
   * @param blobs where features come from
   * @param critic maker of the compute object, called on the learner's thread
   * @param step steps trained before
   * @param state to go on from, after those steps; empty to begin
   */
  public record Tools(
      ActorRef<ConductorCommand> conductor,
      WeightStream<NamedTensors> stream,
      BlobStore blobs,
      Supplier<Critic> critic,
      int step,
      Handover<NamedTensors> state,
      Clock clock) {}

  private final Tools tools;
  private final Critic critic;
  private int step;
  private boolean training;

  private CriticLearner(ActorContext<CriticLearnerCommand> context, Tools tools) {
    super(context);
    this.tools = tools;
    this.critic = Guarded.call("creating the critic", tools.critic());
    tools.state().take().ifPresent(critic::restore);
    this.step = tools.step();
    NamedTensors weights = Guarded.call("creating the critic's first weights", critic::weights);
    tools.stream().publish(step, weights);
    tools
        .conductor()
        .tell(
            new ConductorCommand.Happened(
                new Event.Published(Weights.CRITIC, step, weights.contentHash())));
  }

  public static Behavior<CriticLearnerCommand> create(Tools tools) {
    return Behaviors.setup(context -> new CriticLearner(context, tools));
  }

  @Override
  public Receive<CriticLearnerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(CriticLearnerCommand.Train.class, this::onTrain)
        .onMessage(CriticLearnerCommand.Arrived.class, this::onArrived)
        .onMessage(CriticLearnerCommand.Capture.class, this::onCapture)
        .onMessage(CriticLearnerCommand.Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<CriticLearnerCommand> onTrain(CriticLearnerCommand.Train train) {
    if (training || train.step() != step) {
      return this;
    }
    training = true;
    Optional.ofNullable(train.amended().get(Amendable.CRITIC_EVERY))
        .ifPresent(steps -> critic.every(steps.intValue()));
    List<CompletableFuture<GroupFeatures>> groups =
        train.features().stream()
            .map(ref -> tools.blobs().fetch(Blobs.FEATURES, ref).toCompletableFuture())
            .toList();
    getContext()
        .pipeToSelf(
            CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new)),
            (done, error) ->
                error == null
                    ? new CriticLearnerCommand.Arrived(
                        train.step(), groups.stream().map(CompletableFuture::join).toList())
                    : new CriticLearnerCommand.Failed(Failures.unwrap(error)));
    return this;
  }

  private Behavior<CriticLearnerCommand> onArrived(CriticLearnerCommand.Arrived arrived) {
    long start = tools.clock().nanos();
    Map<String, Double> metrics =
        Guarded.call("updating the critic", () -> critic.update(arrived.step(), arrived.groups()));
    NamedTensors weights = critic.weights();
    String hash = weights.contentHash();
    step = arrived.step() + 1;
    training = false;
    tools.stream().publish(step, weights);
    tools
        .conductor()
        .tell(
            new ConductorCommand.CriticTrained(
                new Event.CriticTrained(arrived.step(), hash),
                Map.copyOf(metrics),
                new Span(start, tools.clock().nanos())));
    return this;
  }

  private Behavior<CriticLearnerCommand> onCapture(CriticLearnerCommand.Capture capture) {
    if (training || capture.step() != step) {
      throw new IllegalStateException(
          "the state after step %d was asked for, but the critic is %s step %d"
              .formatted(capture.step(), training ? "in" : "after", step));
    }
    tools.conductor().tell(new ConductorCommand.Captured(Weights.CRITIC, step, critic.state()));
    return this;
  }

  private Behavior<CriticLearnerCommand> onFailed(CriticLearnerCommand.Failed failed) {
    throw failed.cause();
  }

  private Behavior<CriticLearnerCommand> onPostStop(PostStop signal) {
    critic.close();
    return this;
  }
}
