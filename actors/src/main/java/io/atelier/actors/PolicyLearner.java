package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.ledger.Credit;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.WeightedSum;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Updates the policy, one step at a time in order, and publishes each version. It computes the
 * micro-batches of an update that no gradient worker does. Runs on a thread of its own, which it
 * blocks while it computes; an exception ends it, and the run with it.
 */
public final class PolicyLearner extends AbstractBehavior<PolicyLearner.Command> {

  /** What the policy learner is told. */
  public sealed interface Command {}

  /**
   * Train a step; one that was trained before is not trained again.
   *
   * @param shown whether its images with the highest and lowest rewards are wanted
   * @param amended values that are others in this step than in the configuration, by key
   */
  public record Train(
      int step, List<Member> groups, boolean shown, SortedMap<String, Double> amended)
      implements Command {}

  /** Hand over the state between two steps. */
  public record Capture(int step) implements Command {}

  /**
   * Compute the micro-batch at this place of the update at hand.
   *
   * @param next whether it is its turn, so that its gradient can be added where it is
   */
  record Compute(int index, boolean next) implements Command {}

  /** Add the gradient of the next micro-batch of the update at hand. */
  record Add(Gradient gradient) implements Command {}

  /**
   * The gradients of the update at hand are all added.
   *
   * @param remote micro-batches that gradient workers computed
   * @param workers gradient workers that are there
   */
  record Summed(int remote, int workers) implements Command {}

  private record Arrived(
      List<ScoredGroup> groups, List<BlobRef> trajectories, TrainedRewards rewards)
      implements Command {}

  private record Failed(RuntimeException cause) implements Command {}

  /** A group of a step and its prompt. */
  public record Member(TrainingGroup group, Prompt prompt) {}

  /**
   * What the policy learner works with.
   *
   * @param conductor whom it answers
   * @param pool who hands out micro-batches
   * @param stream where versions are published
   * @param blobs where trajectories come from
   * @param policy maker of the compute object, called on the learner's thread
   * @param graph what makes rewards of the scores of a step; empty for the sums of the workers
   * @param sum what those are made by
   * @param step steps trained before
   * @param state to go on from, after those steps; empty to begin
   */
  public record Tools(
      ActorRef<Conductor.Command> conductor,
      ActorRef<GradientPool.Command> pool,
      WeightStream<NamedTensors> stream,
      BlobStore blobs,
      Supplier<Policy> policy,
      Optional<RewardGraph> graph,
      WeightedSum sum,
      int step,
      Handover<NamedTensors> state,
      Clock clock) {}

  private static final String UPDATING = "updating the policy";

  /** The step at hand. */
  private static final class Work {
    private final Arrived arrived;
    private final PolicyStep update;
    private final long start;
    private List<MicroBatch> batches = List.of();
    private boolean moved;
    private int workers;
    private int total;
    private int remote;

    private Work(Arrived arrived, PolicyStep update, long start) {
      this.arrived = arrived;
      this.update = update;
      this.start = start;
    }
  }

  private final Tools tools;
  private final Policy policy;
  private int step;
  private String hash;
  private GraphState graphState = GraphState.NONE;
  private boolean training;
  private Work work;

  private PolicyLearner(ActorContext<Command> context, Tools tools) {
    super(context);
    this.tools = tools;
    this.policy = Guarded.call("creating the policy", tools.policy());
    tools.state().take().ifPresent(this::restore);
    this.step = tools.step();
    publish();
    answer(new Event.Published(Weights.POLICY, step, hash));
  }

  public static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(context -> new PolicyLearner(context, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Train.class, this::onTrain)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Compute.class, this::onCompute)
        .onMessage(Add.class, this::onAdd)
        .onMessage(Summed.class, this::onSummed)
        .onMessage(Capture.class, this::onCapture)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private void restore(NamedTensors state) {
    policy.restore(state);
    tools.graph().ifPresent(graph -> graphState = graph.state(state));
  }

  private Behavior<Command> onTrain(Train train) {
    if (training || train.step() != step) {
      return this;
    }
    training = true;
    TrainedRewards rewards =
        Guarded.call(
            "making the rewards of a step",
            () ->
                TrainedRewards.of(tools.graph(), amended(train), step, graphState, train.groups()));
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
                    ? new Arrived(
                        groups.stream().map(CompletableFuture::join).toList(),
                        train.groups().stream()
                            .map(member -> member.group().generation().trajectory())
                            .toList(),
                        rewards)
                    : new Failed(Failures.unwrap(error)));
    return this;
  }

  /**
   * Sets what is another value in this step; returns the sum with other weights, if it has such.
   */
  private Optional<WeightedSum> amended(Train train) {
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
                            ? new Conductor.Ranked(images)
                            : new Conductor.NotRanked(ranking.step(), Failures.unwrap(error))));
  }

  private CompletableFuture<ScoredGroup> fetch(Member member, float[] reward, float[][] potential) {
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

  private Behavior<Command> onArrived(Arrived arrived) {
    long start = tools.clock().nanos();
    work =
        new Work(
            arrived,
            Guarded.call(UPDATING, () -> policy.begin(step, new ArrayList<>(arrived.groups()))),
            start);
    return goOn();
  }

  /** Has the gradients of the next optimizer update computed, or ends the step. */
  private Behavior<Command> goOn() {
    Optional<List<MicroBatch>> next = work.update.next();
    if (next.isEmpty()) {
      return finish();
    }
    work.batches = next.get();
    work.total += work.batches.size();
    tools
        .pool()
        .tell(
            new GradientPool.Begin(
                getContext().getSelf(), source(), work.batches, work.arrived.trajectories()));
    return this;
  }

  /** Where others have the weights from: as they were published, until they moved. */
  private Optional<GradientPool.Source> source() {
    if (!work.moved) {
      return Optional.of(new GradientPool.Source(step, hash, Optional.empty()));
    }
    if (work.workers == 0) {
      return Optional.empty(); // spare the copy
    }
    NamedTensors weights = policy.weights();
    return Optional.of(new GradientPool.Source(step, weights.contentHash(), Optional.of(weights)));
  }

  private Behavior<Command> onCompute(Compute order) {
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
    tools.pool().tell(new GradientPool.Done(gradient));
    return this;
  }

  private Behavior<Command> onAdd(Add add) {
    Guarded.call(
        UPDATING,
        () -> {
          work.update.add(add.gradient());
          return null;
        });
    return this;
  }

  private Behavior<Command> onSummed(Summed summed) {
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

  private Behavior<Command> finish() {
    Map<String, Double> metrics = new TreeMap<>(work.update.measurements());
    metrics.putAll(work.arrived.rewards().metrics());
    if (work.workers > 0 || work.remote > 0) {
      metrics.put("learner/remote-share", work.remote / Math.max(1.0, work.total));
    }
    List<Credit> credits = credits(work.arrived.groups(), work.update.advantages());
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
            new Conductor.PolicyTrained(
                new Event.PolicyTrained(trained, hash, credits),
                Map.copyOf(metrics),
                shown,
                new Span(start, tools.clock().nanos())));
    return this;
  }

  private static List<Credit> credits(List<ScoredGroup> groups, List<List<double[]>> advantages) {
    return IntStream.range(0, advantages.size())
        .mapToObj(
            g -> new Credit(groups.get(g).prompt(), groups.get(g).reward(), advantages.get(g)))
        .toList();
  }

  private void publish() {
    NamedTensors weights = policy.weights();
    hash = weights.contentHash();
    tools.stream().publish(step, weights);
  }

  private Behavior<Command> onCapture(Capture capture) {
    if (training || capture.step() != step) {
      throw new IllegalStateException(
          "the state after step %d was asked for, but the policy is %s step %d"
              .formatted(capture.step(), training ? "in" : "after", step));
    }
    tools
        .conductor()
        .tell(new Conductor.Captured(Weights.POLICY, step, graphState.with(policy.state())));
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
