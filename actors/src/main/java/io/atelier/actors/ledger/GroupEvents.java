package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.Group;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.actors.ledger.state.Repeats;
import io.atelier.actors.ledger.state.Worker;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Handles the events of groups between admission and training. */
final class GroupEvents {

  /**
   * How often in a row the blobs of a group are lost before the run fails, and not before {@code
   * limits.watchdog} has passed: a network may be mended.
   */
  private static final int MISSES = 10;

  /** Before a group is generated for the third time in a row; then twice as long each time. */
  private static final long PAUSE = 1_000;

  private static final long LONGEST_PAUSE = 15_000;

  private static final String UNSCORABLE = "unscorable: ";

  private final Books books;
  private final Steps steps;
  private final Staff staff;
  private Flatness flatness = Flatness.NONE;
  private int flatReplacements;

  GroupEvents(Books books, Steps steps, Staff staff) {
    this.books = books;
    this.steps = steps;
    this.staff = staff;
  }

  /**
   * Has groups that are flat replaced.
   *
   * @param most how often one group is replaced before it is kept
   */
  void replaceFlat(Flatness rule, int most) {
    flatness = rule;
    flatReplacements = most;
  }

  void onGenerated(Event.Generated result) {
    Optional<Staff.Result> wanted =
        staff.result(result.worker(), result.order(), Optional.of(result.hash()));
    if (wanted.isEmpty()) {
      books.discard(List.of(result.images(), result.trajectory()));
      return;
    }
    Worker done = wanted.get().worker();
    books.nodes.worked(done.id);
    wanted
        .get()
        .group()
        .generated(
            new Generation(
                done.id,
                done.version(),
                result.hash(),
                result.images(),
                result.trajectory(),
                result.span()));
    books.storage.measure(wanted.get().group());
    done.idle();
    books.progress();
  }

  void onScored(Event.Scored result) {
    Optional<Staff.Result> wanted =
        staff.result(result.worker(), result.order(), Optional.of(result.hash()));
    if (wanted.isEmpty()) {
      books.discard(Stream.concat(result.features().stream(), result.pictures().stream()).toList());
      return;
    }
    Worker done = wanted.get().worker();
    books.nodes.worked(done.id);
    Group group = wanted.get().group();
    group.scored(
        new Scoring(
            done.id,
            done.version(),
            result.hash(),
            result.scores(),
            result.potentials(),
            result.features(),
            result.pictures(),
            result.transfer(),
            result.encoded(),
            result.span()),
        result.order());
    books.storage.measure(group);
    done.idle();
    books.progress();
    if (group.flats < flatReplacements
        && flatness.isFlat(group.id, group.attempt, result.scores())) {
      group.flats++;
      replace(group, "flat: all of its images have one reward");
      return;
    }
    books.emit(
        new Effect.Land(
            group.id,
            result.order(),
            group.generation().orElseThrow().trajectory(),
            result.features()));
  }

  void onLanded(Event.Landed result) {
    Optional<Group> group =
        books.groups.find(result.id()).filter(g -> g.awaitsLanding(result.order()));
    if (group.isEmpty()) {
      books.discard(
          Stream.concat(Stream.of(result.trajectory()), result.features().stream()).toList());
      return;
    }
    group.get().landed(result.trajectory(), result.features());
    books.progress();
  }

  void onNotLanded(Event.NotLanded result) {
    books
        .groups
        .find(result.id())
        .filter(g -> g.awaitsLanding(result.order()))
        .ifPresent(group -> generateAgain(group, "the leading node", result.reason()));
  }

  /** The group is generated again. */
  void onImagesGone(Event.ImagesGone gone) {
    unscored(gone.worker(), gone.order()).ifPresent(group -> imagesGone(group, gone));
  }

  void onScoreLater(Event.ScoreLater later) {
    unscored(later.worker(), later.order()).ifPresent(group -> scoreLater(group, later.reason()));
  }

  void onUnscorable(Event.Unscorable never) {
    unscored(never.worker(), never.order()).ifPresent(group -> drop(group, never.reason()));
  }

  /** Elsewhere, if somebody else is able; reported the first time, and then ever more rarely. */
  private void generateAgain(Group group, String receiver, String reason) {
    int misses = group.missed(books.now);
    if (misses > MISSES && group.missedFor(books.now) >= books.patience()) {
      steps.fail(
          "what group %s made was gone %d times before it could be trained, at last: %s"
              .formatted(group.id, misses, reason));
      return;
    }
    if (Repeats.isTold(misses)) {
      books.report(
          "group %s is generated again%s, for what %s made of it did not reach %s: %s"
              .formatted(group.id, Repeats.again(misses), makers(group), receiver, reason));
    }
    group.restart().forEach(books::release);
    if (misses > 1) {
      group.notBefore = books.now + Math.min(LONGEST_PAUSE, PAUSE << Math.min(misses - 2, 10));
    }
    books.groups.countRegenerated();
  }

  private static String makers(Group group) {
    return Stream.concat(
            group.generation().map(Generation::worker).stream(),
            group.scoring().filter(s -> s.features().isPresent()).map(Scoring::worker).stream())
        .map(WorkerId::toString)
        .collect(Collectors.joining(" and "));
  }

  /** The group that a worker could not score, if it still has it; the worker is free again. */
  private Optional<Group> unscored(WorkerId id, long order) {
    Optional<Staff.Result> wanted = staff.result(id, order, Optional.empty());
    Optional<Group> group = wanted.map(Staff.Result::group);
    wanted.ifPresent(result -> result.worker().idle());
    if (group.isEmpty()) {
      books.discard(List.of());
    }
    return group;
  }

  /** The worker's node may be the one that cannot reach them, which counts against it. */
  private void imagesGone(Group group, Event.ImagesGone gone) {
    group.missedAt(gone.worker());
    generateAgain(group, gone.worker().toString(), gone.reason());
  }

  private void scoreLater(Group group, String reason) {
    LedgerConfig.Limits limits = books.config.limits();
    if (++group.retries > limits.scoreRetries()) {
      drop(group, "put off %d times, at last: %s".formatted(group.retries, reason));
      return;
    }
    group.stage(Stage.GENERATED);
    group.notBefore = books.now + limits.retryDelay().toMillis();
  }

  private void drop(Group group, String reason) {
    LedgerConfig.Limits limits = books.config.limits();
    boolean stop = limits.onUnscorable() == OnUnscorable.STOP;
    int before = group.attempt - group.flats;
    if (stop || before >= limits.replacements()) {
      books.write(new LedgerEntry.Dropped(group.id, group.attempt, UNSCORABLE + reason));
      group.blobs().forEach(books::release);
      books.groups.drop(group);
      String others = stop ? "" : ", nor could its %d predecessors".formatted(before);
      steps.fail("group %s cannot be scored%s: %s".formatted(group.id, others, reason));
      return;
    }
    replace(group, UNSCORABLE + reason);
    books.report(
        "group %s cannot be scored and gets another prompt: %s".formatted(group.id, reason));
    books.progress();
  }

  /** Drops an attempt of a group and admits the next one. */
  private void replace(Group group, String reason) {
    books.write(new LedgerEntry.Dropped(group.id, group.attempt, reason));
    books.groups.replace(group).forEach(books::release);
    books.emit(new Effect.Admit(group.id, group.attempt));
  }
}
