package io.atelier.tests.simulation;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.LedgerConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Evaluators that fail, hang or are late, the run's file of evaluations, and the guarantee: what is
 * due is made once, by whoever it is, or the run says by name that it is not.
 */
final class Evaluators {
  private static final Pattern NOT_MADE =
      Pattern.compile("the evaluation at step ([0-9]+) is (?:skipped|given up): .*");
  private static final Pattern LOST =
      Pattern.compile("of earlier steps these were not evaluated, and cannot be any more: (.*)");

  private final World world;
  private final LedgerConfig config;

  /** What the run folder has: content hash of what was evaluated, by step. */
  private final SortedMap<Integer, String> file = new TreeMap<>();

  private final Set<Integer> requested = new HashSet<>();

  /** Content hash of what evaluators are done with, by step. */
  private final Map<Integer, String> made = new HashMap<>();

  private final Set<Integer> saidNotMade = new HashSet<>();
  private Optional<Integer> running = Optional.empty();

  Evaluators(World world, LedgerConfig config) {
    this.world = world;
    this.config = config;
  }

  SortedMap<Integer, String> file() {
    return file;
  }

  /** The run went on from a checkpoint: what came after it has not happened. */
  void resumed(LedgerSnapshot snapshot) {
    if (running.isPresent()) {
      world.count(Fault.ENDED_IN_EVALUATION);
    }
    running = Optional.empty();
    file.keySet().removeIf(step -> step > snapshot.step());
    saidNotMade.removeIf(step -> step > snapshot.step() || snapshot.evaluations().contains(step));
  }

  // ---------------------------------------------------------------- what the ledger does

  void see(Effect effect) {
    if (effect instanceof Effect.Evaluate evaluate) {
      int step = evaluate.step();
      require(
          evaluate.attempt() > 1 ? running.equals(Optional.of(step)) : running.isEmpty(),
          "G7: the evaluation of %s runs, and %s is asked for",
          running,
          evaluate);
      require(!file.containsKey(step), "the evaluation at step %d is made twice", step);
      if (!isDue(step)) {
        world.count(Fault.EVALUATION_REQUESTED);
      }
      require(isDue(step) || requested.contains(step), "an evaluation at step %d is not due", step);
      running = Optional.of(step);
      work(evaluate);
    } else if (effect instanceof Effect.Retire retire && retire.weights() == Weights.POLICY) {
      require(
          running.filter(s -> s == retire.version()).isEmpty(),
          "version %d is retired while it is evaluated",
          retire.version());
    } else if (effect instanceof Effect.Report report) {
      heard(report.message());
    }
  }

  /** Somebody wants one. */
  void requested(int step) {
    requested.add(step);
  }

  private boolean isDue(int step) {
    int every = config.evaluateEvery();
    return every > 0 && (step % every == 0 || step == config.steps());
  }

  private void heard(String message) {
    Matcher notMade = NOT_MADE.matcher(message);
    if (notMade.matches()) {
      int step = Integer.parseInt(notMade.group(1));
      running = running.filter(s -> s != step);
      saidNotMade.add(step);
    }
    Matcher lost = LOST.matcher(message);
    if (lost.matches()) {
      Arrays.stream(lost.group(1).split(", "))
          .map(Integer::parseInt)
          .forEach(s -> require(saidNotMade.contains(s), "the evaluation at step %d is lost", s));
    }
  }

  // ---------------------------------------------------------------- what evaluators do

  private void work(Effect.Evaluate evaluate) {
    if (world.happens(1)) {
      world.count(Fault.EVALUATOR_HUNG);
    } else if (world.happens(1)) {
      world.count(Fault.EVALUATION_FAILED);
      Event failed = new Event.NotEvaluated(evaluate.step(), evaluate.attempt(), "no memory");
      world.at(world.now() + world.random(900), () -> world.tell(failed));
    } else {
      boolean late = world.happens(1);
      long takes = late ? Plan.EVALUATION + world.random(Plan.EVALUATION) : world.random(900);
      world.at(world.now() + takes, () -> done(evaluate));
    }
  }

  private void done(Effect.Evaluate evaluate) {
    Event done = new Event.Evaluated(evaluate.step());
    made.put(evaluate.step(), evaluate.hash());
    world.tell(done);
    if (world.happens(1)) {
      world.at(world.now() + world.random(900), () -> world.tell(done));
    }
  }

  /** The conductor hears of an outcome, and has it written before the ledger knows. */
  void heard(Event.Evaluated done) {
    if (world.awaitsEvaluation(done.step())) {
      file.put(done.step(), made.get(done.step()));
      running = Optional.empty();
    } else {
      world.count(Fault.EVALUATION_LATE);
    }
  }

  // ---------------------------------------------------------------- the end

  /** What must be so when a run has not failed. */
  void finished(Effect.Finish finish) {
    file.forEach(
        (step, hash) ->
            require(
                hash.equals(Mix.hash(world.model().policy.get(step))),
                "the evaluation at step %d is of other weights",
                step));
    for (int step = 0; !finish.stopped() && step <= config.steps(); step++) {
      require(
          !isDue(step) || file.containsKey(step) || saidNotMade.contains(step),
          "the evaluation at step %d was neither made nor given up by name",
          step);
    }
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new AssertionError(message.formatted(values));
    }
  }
}
