package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.Policy;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Updates the policy, one step at a time in order, and publishes each version. Runs on a thread of
 * its own, which it blocks while it computes; an exception ends it, and the run with it.
 */
public final class PolicyLearner extends AbstractBehavior<PolicyLearner.Command> {

  /** What the policy learner is told. */
  public sealed interface Command {}

  /** Train a step; one that was trained before is not trained again. */
  public record Train(int step, List<Member> groups) implements Command {}

  /** Hand over the state between two steps. */
  public record Capture(int step) implements Command {}

  private record Arrived(int step, List<ScoredGroup> groups) implements Command {}

  private record Failed(RuntimeException cause) implements Command {}

  /** A group of a step and its prompt. */
  public record Member(TrainingGroup group, Prompt prompt) {}

  /**
   * What the policy learner works with.
   *
   * @param conductor whom it answers
   * @param stream where versions are published
   * @param blobs where trajectories come from
   * @param policy maker of the compute object, called on the learner's thread
   * @param resume step and state to go on from
   */
  public record Tools(
      ActorRef<Conductor.Command> conductor,
      WeightStream<NamedTensors> stream,
      BlobStore blobs,
      Supplier<Policy> policy,
      Optional<StepState> resume,
      Clock clock) {}

  private final Tools tools;
  private final Policy policy;
  private int step;
  private boolean training;

  private PolicyLearner(ActorContext<Command> context, Tools tools) {
    super(context);
    this.tools = tools;
    this.policy = Guarded.call("creating the policy", tools.policy());
    tools.resume().ifPresent(state -> policy.restore(state.policy()));
    this.step = tools.resume().map(StepState::step).orElse(0);
    NamedTensors weights = policy.weights();
    tools.stream().publish(step, weights);
    answer(new Event.Published(Weights.POLICY, step, weights.contentHash()));
  }

  public static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(context -> new PolicyLearner(context, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Train.class, this::onTrain)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Capture.class, this::onCapture)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onTrain(Train train) {
    if (training || train.step() != step) {
      return this;
    }
    training = true;
    List<CompletableFuture<ScoredGroup>> groups = train.groups().stream().map(this::fetch).toList();
    getContext()
        .pipeToSelf(
            CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new)),
            (done, error) ->
                error == null
                    ? new Arrived(
                        train.step(), groups.stream().map(CompletableFuture::join).toList())
                    : new Failed(Failures.unwrap(error)));
    return this;
  }

  private CompletableFuture<ScoredGroup> fetch(Member member) {
    TrainingGroup group = member.group();
    return tools
        .blobs()
        .fetch(Blobs.TRAJECTORY, group.generation().trajectory())
        .thenApply(
            trajectory ->
                new ScoredGroup(
                    group.id(),
                    member.prompt(),
                    trajectory,
                    group.scoring().scores().total(),
                    group.generation().version(),
                    group.scoring().version()))
        .toCompletableFuture();
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    long start = tools.clock().nanos();
    Map<String, Double> metrics =
        Guarded.call(
            "updating the policy",
            () -> policy.update(arrived.step(), new ArrayList<>(arrived.groups())));
    NamedTensors weights = policy.weights();
    String hash = weights.contentHash();
    step = arrived.step() + 1;
    training = false;
    tools.stream().publish(step, weights);
    tools
        .conductor()
        .tell(
            new Conductor.PolicyTrained(
                new Event.PolicyTrained(arrived.step(), hash),
                Map.copyOf(metrics),
                new Span(start, tools.clock().nanos())));
    return this;
  }

  private Behavior<Command> onCapture(Capture capture) {
    if (training || capture.step() != step) {
      throw new IllegalStateException(
          "the state after step %d was asked for, but the policy is %s step %d"
              .formatted(capture.step(), training ? "in" : "after", step));
    }
    tools.conductor().tell(new Conductor.Captured(Weights.POLICY, step, policy.state()));
    return this;
  }

  private Behavior<Command> onFailed(Failed failed) {
    throw failed.cause();
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    policy.close();
    return this;
  }

  private void answer(Event event) {
    tools.conductor().tell(new Conductor.Happened(event));
  }
}
