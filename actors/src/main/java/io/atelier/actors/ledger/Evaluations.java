package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.state.Lengths;
import io.atelier.models.files.Named;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The evaluations that are due. One runs at a time, aside from the steps; if they come faster than
 * they are done, the one that waits is skipped, unless it is the first or the last of the run, or
 * somebody asked for it. One that fails or takes too long is tried once more and then given up; no
 * run fails with it. Each is made once, or the run says by name that it is not.
 */
final class Evaluations {

  /** How often one is tried. */
  private static final int ATTEMPTS = 2;

  /** Steps that a message names. */
  private static final int NAMED = 8;

  private record Running(int step, int attempt, long since) {}

  private final Books books;
  private final int every;
  private final int lastStep;
  private final Deque<Integer> waiting = new ArrayDeque<>();
  private Optional<Running> running = Optional.empty();

  /** Steps of the one that was requested last. */
  private Optional<Integer> requested = Optional.empty();

  /** Steps of the newest version that is evaluated; an older one may be finished after it. */
  private Optional<Integer> made = Optional.empty();

  Evaluations(Books books) {
    this.books = books;
    this.every = books.config.evaluateEvery();
    this.lastStep = books.config.steps();
  }

  // ---------------------------------------------------------------- what is due

  void restore(List<Integer> open) {
    waiting.addAll(open);
  }

  /**
   * The run begins or goes on: what was made before is not made again, and what was neither made
   * nor can be made any more is named.
   *
   * @param trained steps trained so far; their version and those that open evaluations need exist
   * @param made content hash of what was evaluated before, by step
   */
  void begin(int trained, Map<Integer, String> made) {
    waiting.removeIf(step -> isMade(step, made));
    List<Integer> lost = new ArrayList<>();
    IntStream.range(0, trained)
        .filter(step -> isDue(step) && !made.containsKey(step) && !waiting.contains(step))
        .forEach(lost::add);
    waiting.stream().filter(step -> !books.policy.exists(step)).forEach(lost::add);
    waiting.removeAll(lost);
    if (!lost.isEmpty()) {
      books.report(
          "of earlier steps these were not evaluated, and cannot be any more: " + named(lost));
    }
    if (isMade(trained, made)) {
      this.made = Optional.of(trained);
    } else if (!waiting.contains(trained)) {
      reached(trained);
    }
  }

  private boolean isDue(int step) {
    return every > 0 && (step % every == 0 || step == lastStep);
  }

  /** Whether exactly these weights were evaluated, by their hash. */
  private boolean isMade(int step, Map<Integer, String> made) {
    return made.containsKey(step)
        && (!books.policy.exists(step) || books.policy.hash(step).equals(made.get(step)));
  }

  /** A version exists. */
  void reached(int step) {
    if (!isDue(step) || isOpenOrMade(step)) {
      return;
    }
    Optional<Integer> last = Optional.ofNullable(waiting.peekLast());
    if (last.filter(s -> s != 0 && s != lastStep && !requested.equals(last)).isPresent()) {
      skip(waiting.getLast());
    }
    waiting.addLast(step);
  }

  private void skip(int step) {
    waiting.remove(step);
    books.report(
        "the evaluation at step %d is skipped: the one before it is not done yet".formatted(step));
  }

  /**
   * Somebody wants the newest version evaluated. Of those that were asked for, one waits at most.
   */
  void request(int step) {
    if (every == 0 || isOpenOrMade(step)) {
      return;
    }
    requested.filter(waiting::contains).filter(s -> !isDue(s)).ifPresent(this::skip);
    requested = Optional.of(step);
    waiting.addLast(step);
  }

  private boolean isOpenOrMade(int step) {
    return open().contains(step) || made.equals(Optional.of(step));
  }

  // ---------------------------------------------------------------- what runs

  /** Starts the next one, if none is in progress. */
  void start() {
    if (running.isEmpty() && !waiting.isEmpty()) {
      run(waiting.removeFirst(), 1);
    }
  }

  private void run(int step, int attempt) {
    running = Optional.of(new Running(step, attempt, books.now));
    books.emit(new Effect.Evaluate(step, attempt, books.policy.hash(step)));
  }

  void onDone(int step) {
    if (awaits(step)) {
      running = Optional.empty();
      made = Optional.of(Math.max(step, made.orElse(step)));
      books.progress();
    }
  }

  void onNotDone(Event.NotEvaluated failed) {
    running
        .filter(r -> r.step == failed.step() && r.attempt == failed.attempt())
        .ifPresent(r -> failed(r, failed.reason()));
  }

  void onTick() {
    long limit = books.config.limits().evaluation().toMillis();
    running
        .filter(r -> books.now - r.since >= limit)
        .ifPresent(
            r ->
                failed(
                    r,
                    "it is not done after %s; if it only needs longer, raise limits.evaluation"
                        .formatted(Lengths.text(books.config.limits().evaluation()))));
  }

  private void failed(Running failed, String reason) {
    books.progress();
    if (failed.attempt < ATTEMPTS) {
      books.report(
          "the evaluation at step %d is tried once more: %s".formatted(failed.step, reason));
      run(failed.step, failed.attempt + 1);
    } else {
      books.report("the evaluation at step %d is given up: %s".formatted(failed.step, reason));
      running = Optional.empty();
    }
  }

  // ---------------------------------------------------------------- questions

  /** Whether that evaluation runs, so that its outcome is wanted. */
  boolean awaits(int step) {
    return running.filter(r -> r.step == step).isPresent();
  }

  boolean needs(long version) {
    return open().stream().anyMatch(s -> s == version);
  }

  /** The steps whose evaluation is due and not made, in order. */
  List<Integer> open() {
    List<Integer> open = new ArrayList<>();
    running.ifPresent(r -> open.add(r.step));
    open.addAll(waiting);
    return open;
  }

  /** Some steps, in words. */
  static String named(List<Integer> steps) {
    return Named.some(steps, NAMED);
  }
}
