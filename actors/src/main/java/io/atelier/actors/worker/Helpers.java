package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The gradient workers and the evaluator of a host, which the leader's pools give work to. */
final class Helpers {
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  /**
   * Others do its work meanwhile, so a helper may fail any number of times, with growing pauses.
   */
  private static final SupervisorStrategy HELPER_RESTART =
      SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0);

  private final ActorContext<HostCommand> context;
  private final HostSetup setup;
  private final List<ActorRef<WorkerCommand>> gradientWorkers = new ArrayList<>();
  private Optional<ActorRef<WorkerCommand>> evaluator = Optional.empty();

  Helpers(ActorContext<HostCommand> context, HostSetup setup) {
    this.context = context;
    this.setup = setup;
  }

  /**
   * Tells gradient workers and the evaluator which conductor to work for; repeated, since a restart
   * makes them forget it.
   */
  void join(Employment now) {
    boolean elsewhere = !now.publisher().equals(setup.transport().node());
    if (setup.gradients().beside() || elsewhere) {
      gradientWorkersJoin(now);
    }
    if (elsewhere) {
      evaluatorJoins(now);
    }
  }

  private void gradientWorkersJoin(Employment now) {
    HostSetup.GradientWorkers wanted = setup.gradients();
    while (gradientWorkers.size() < wanted.count()) {
      String name = "gradient-" + gradientWorkers.size();
      BlobStore blobs = setup.transport().blobs();
      gradientWorkers.add(helper(GradientWorker.create(blobs, wanted.maker()), name));
    }
    gradientWorkers.forEach(worker -> worker.tell(joinPool(now)));
  }

  private void evaluatorJoins(Employment now) {
    if (evaluator.isEmpty()) {
      evaluator = setup.evaluation().map(maker -> helper(evaluator(maker), "evaluator"));
    }
    evaluator.ifPresent(worker -> worker.tell(joinPool(now)));
  }

  private static WorkerCommand joinPool(Employment now) {
    return new WorkerCommand.JoinPool(now.conductor(), now.policy());
  }

  private Behavior<WorkerCommand> evaluator(Supplier<Evaluation> maker) {
    return Evaluator.create(new Evaluator.Tools(setup.transport().blobs(), maker, setup.clock()));
  }

  private ActorRef<WorkerCommand> helper(Behavior<WorkerCommand> behavior, String name) {
    return context.spawn(Behaviors.supervise(behavior).onFailure(HELPER_RESTART), name, COMPUTE);
  }

  void stop() {
    gradientWorkers.forEach(context::stop);
    evaluator.ifPresent(context::stop);
  }
}
