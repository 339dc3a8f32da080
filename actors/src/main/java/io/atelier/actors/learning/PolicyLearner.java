package io.atelier.actors.learning;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Credit;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.TrainedRewards;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.MovedCredit;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.sum.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Updates the policy, one step at a time in order, and publishes each version. It computes the
 * micro-batches of an update that no gradient worker does. Runs on a thread of its own, which it
 * blocks while it computes; an exception ends it, and the run with it.
 */
public final class PolicyLearner extends AbstractBehavior<PolicyLearnerCommand> {

  private static final String UPDATING = "updating the policy";

  /** The step at hand. */
  private static final class Work {
    private final PolicyLearnerCommand.Arrived arrived;
    private final PolicyStep update;
    private final long start;
    private List<MicroBatch> batches = List.of();
    private boolean moved;
    private int workers;
    private int total;
    private int remote;

    private Work(PolicyLearnerCommand.Arrived arrived, PolicyStep update, long start) {
      this.arrived = arrived;
      this.update = update;
      this.start = start;
    }
  }

  private final PolicyLearnerSetup tools;
  private final Policy policy;
  private int step;
  private String hash;
  private GraphState graphState = GraphState.NONE;
  private boolean training;
  private Work work;

  private PolicyLearner(ActorContext<PolicyLearnerCommand> context, PolicyLearnerSetup tools) {
    super(context);
    this.tools = tools;
    this.policy = Guarded.call("creating the policy", tools.policy());
    tools.state().take().ifPresent(this::restore);
    this.step = tools.step();
    publish();
    answer(new Event.Published(Weights.POLICY, step, hash));
  }

  public static Behavior<PolicyLearnerCommand> create(PolicyLearnerSetup tools) {
    return Behaviors.setup(context -> new PolicyLearner(context, tools));
  }

  @Override
  public Receive<PolicyLearnerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(PolicyLearnerCommand.Train.class, this::onTrain)
        .onMessage(PolicyLearnerCommand.Arrived.class, this::onArrived)
        .onMessage(PolicyLearnerCommand.Compute.class, this::onCompute)
        .onMessage(PolicyLearnerCommand.Add.class, this::onAdd)
        .onMessage(PolicyLearnerCommand.Summed.class, this::onSummed)
        .onMessage(PolicyLearnerCommand.Capture.class, this::onCapture)
        .onMessage(PolicyLearnerCommand.Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private void restore(NamedTensors state) {
    policy.restore(state);
    tools.graph().ifPresent(graph -> graphState = graph.state(state));
  }

  private Behavior<PolicyLearnerCommand> onTrain(PolicyLearnerCommand.Train train) {
    if (training || train.step() != step) {
      return this;
    }
    training = true;
    TrainedRewards rewards =
        Guarded.call(
            "making the rewards of a step",
            () -> RewardStage.of(tools.graph(), amended(train), step, graphState, train.groups()));
    graphState = rewards.state();
    if (train.shown()) {
      rank(Ranking.of(train.step(), train.groups(), rewards.rewards()));
    }
    List<CompletableFuture<ScoredGroup>> groups =
        IntStream.range(0, train.groups().size())
            .mapToObj(
                g ->
                    fetch(
                        train.groups().get(g),
                        rewards.rewards().get(g),
                        rewards.potentials().get(g)))
            .toList();
    getContext()
        .pipeToSelf(
            CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new)),
            (done, error) ->
                error == null
                    ? new PolicyLearnerCommand.Arrived(
                        groups.stream().map(CompletableFuture::join).toList(),
                        train.groups().stream()
                            .map(member -> member.group().generation().trajectory())
                            .toList(),
                        rewards)
                    : new PolicyLearnerCommand.Failed(Failures.unwrap(error)));
    return this;
  }

  /** Applies the amended values of this step; returns the sum with amended weights, if any are. */
  private Optional<WeightedSum> amended(PolicyLearnerCommand.Train train) {
    Optional.ofNullable(train.amended().get(Amendable.LEARNING_RATE))
        .ifPresent(policy::learningRate);
    Map<String, Double> weights = Amendable.weights(train.amended());
    return weights.isEmpty() ? Optional.empty() : Optional.of(tools.sum().with(weights));
  }

  private void rank(Ranking ranking) {
    ranking
        .fetch(tools.blobs())
        .whenComplete(
            (images, error) ->
                tools
                    .conductor()
                    .tell(
                        error == null
                            ? new ConductorCommand.Ranked(images)
                            : new ConductorCommand.NotRanked(
                                ranking.step(), Failures.unwrap(error))));
  }

  private CompletableFuture<ScoredGroup> fetch(
      PolicyLearnerCommand.Member member, float[] reward, float[][] potential) {
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
                    reward,
                    potential,
                    group.scoring().scores().places(),
                    group.generation().version(),
                    group.scoring().version()))
        .toCompletableFuture();
  }

  private Behavior<PolicyLearnerCommand> onArrived(PolicyLearnerCommand.Arrived arrived) {
    long start = tools.clock().nanos();
    work =
        new Work(
            arrived,
            Guarded.call(UPDATING, () -> policy.begin(step, new ArrayList<>(arrived.groups()))),
            start);
    return goOn();
  }

  /** Has the gradients of the next optimizer update computed, or ends the step. */
  private Behavior<PolicyLearnerCommand> goOn() {
    Optional<List<MicroBatch>> next = work.update.next();
    if (next.isEmpty()) {
      return finish();
    }
    work.batches = next.get();
    work.total += work.batches.size();
    tools
        .pool()
        .tell(
            new PoolCommand.Begin(
                getContext().getSelf(), source(), work.batches, work.arrived.trajectories()));
    return this;
  }

  /** Where others have the weights from: as they were published, until they moved. */
  private Optional<PoolCommand.Source> source() {
    if (!work.moved) {
      return Optional.of(new PoolCommand.Source(step, hash, Optional.empty()));
    }
    if (work.workers == 0) {
      return Optional.empty(); // spare the copy
    }
    NamedTensors weights = policy.weights();
    return Optional.of(new PoolCommand.Source(step, weights.contentHash(), Optional.of(weights)));
  }

  private Behavior<PolicyLearnerCommand> onCompute(PolicyLearnerCommand.Compute order) {
    MicroBatch batch = work.batches.get(order.index());
    ScoredGroup group = work.arrived.groups().get(batch.group());
    Optional<Gradient> gradient =
        Guarded.call(
            UPDATING,
            () -> {
              if (order.next()) {
                work.update.compute(batch, group.trajectory());
                return Optional.empty();
              }
              return Optional.of(policy.gradient(batch, group.trajectory()));
            });
    tools.pool().tell(new PoolCommand.LearnerDone(gradient));
    return this;
  }

  private Behavior<PolicyLearnerCommand> onAdd(PolicyLearnerCommand.Add add) {
    Guarded.call(
        UPDATING,
        () -> {
          work.update.add(add.gradient());
          return null;
        });
    return this;
  }

  private Behavior<PolicyLearnerCommand> onSummed(PolicyLearnerCommand.Summed summed) {
    Guarded.call(
        UPDATING,
        () -> {
          work.update.apply();
          return null;
        });
    work.moved = true;
    work.workers = summed.workers();
    work.remote += summed.remote();
    return goOn();
  }

  private Behavior<PolicyLearnerCommand> finish() {
    Map<String, Double> metrics = new TreeMap<>(work.update.measurements());
    metrics.putAll(work.arrived.rewards().metrics());
    if (work.workers > 0 || work.remote > 0) {
      metrics.put("learner/remote-share", work.remote / Math.max(1.0, work.total));
    }
    List<Credit> credits = credits(work.arrived.groups(), work.update);
    List<GroupCredit> shown = GroupCredit.of(work.arrived.rewards(), work.update.meanAdvantages());
    int trained = step;
    long start = work.start;
    step = trained + 1;
    training = false;
    work = null;
    publish();
    tools
        .conductor()
        .tell(
            new ConductorCommand.PolicyTrained(
                new Event.PolicyTrained(trained, hash, credits),
                Map.copyOf(metrics),
                shown,
                new Span(start, tools.clock().nanos())));
    return this;
  }

  private static List<Credit> credits(List<ScoredGroup> groups, PolicyStep update) {
    List<List<double[]>> advantages = update.advantages();
    List<MovedCredit> moved = update.moved();
    return IntStream.range(0, advantages.size())
        .mapToObj(
            g ->
                new Credit(
                    groups.get(g).prompt(),
                    groups.get(g).reward(),
                    advantages.get(g),
                    moved.isEmpty() ? Optional.empty() : Optional.of(moved.get(g))))
        .toList();
  }

  private void publish() {
    NamedTensors weights = policy.weights();
    hash = weights.contentHash();
    tools.stream().publish(step, weights);
  }

  private Behavior<PolicyLearnerCommand> onCapture(PolicyLearnerCommand.Capture capture) {
    if (training || capture.step() != step) {
      throw new IllegalStateException(
          "the state after step %d was asked for, but the policy is %s step %d"
              .formatted(capture.step(), training ? "in" : "after", step));
    }
    tools
        .conductor()
        .tell(new ConductorCommand.Captured(Weights.POLICY, step, graphState.with(policy.state())));
    return this;
  }

  private Behavior<PolicyLearnerCommand> onFailed(PolicyLearnerCommand.Failed failed) {
    throw failed.cause();
  }

  private Behavior<PolicyLearnerCommand> onPostStop(PostStop signal) {
    policy.close();
    return this;
  }

  private void answer(Event event) {
    tools.conductor().tell(new ConductorCommand.Happened(event));
  }
}
