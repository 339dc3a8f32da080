package io.atelier.actors.api.offline;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.journal.LedgerCorruptException;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.folder.AmendmentFile;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.learner.advantage.StepAdvantages;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Recomputes what the steps of a run were trained on, and compares bits: rewards, from the scores
 * in the ledger and the graph or the weights of the run folder; advantages, from the rewards; and
 * what places add, from their scores.
 */
public final class AdvantageAudit {

  /**
   * The result of the audit.
   *
   * @param facts for the user
   * @param problems what is wrong, each with its group and image
   * @param unknown what cannot be recomputed, and why
   */
  public record Result(List<String> facts, List<String> problems, List<String> unknown) {}

  private static final int MAX_PROBLEMS = 20;

  private final RecordedScores rewards;
  private final StepAdvantages advantages;
  private final RecordedPlaces places;
  private final boolean supplied;
  private final boolean byStep;

  /** Amendments not yet seen in the ledger. */
  private final List<Amendment> amendments;

  /** Steps before the run last resumed with another configuration. */
  private final int others;

  private final List<String> problems = new ArrayList<>();
  private final SortedMap<String, List<Integer>> unknown = new TreeMap<>();
  private int steps;
  private int trained;
  private int images;
  private long hidden;

  /** Whether the state that the previous step left for the next one's advantages is unknown. */
  private boolean forgotten;

  /** Whether the state that a graph remembers is unknown, for all later steps. */
  private boolean lost;

  private AdvantageAudit(TrainConfig config, List<Amendment> amendments, int others) {
    this.amendments = new ArrayList<>(amendments);
    this.rewards = new RecordedScores(config);
    this.advantages = new StepAdvantages(config.learner().advantage());
    this.places =
        new RecordedPlaces(
            config.learner().loss().places(), config.rollout().height(), config.rollout().width());
    this.supplied = !config.reward().supplied().isEmpty();
    this.byStep = config.learner().advantage().credit().needsPotentials();
    this.others = others;
  }

  /** Audits a run, whether it is over, killed or running. */
  public static Result of(RunFiles files) {
    List<LedgerEntry> entries;
    AdvantageAudit audit;
    try {
      entries = Storage.read(files.ledger(), () -> LedgerFile.read(files.ledger())).entries();
      audit =
          new AdvantageAudit(
              TrainConfig.read(files.config(), List.of()),
              AmendmentFile.read(files.amendments()),
              others(files));
    } catch (LedgerCorruptException | RunFolderException | InvalidConfigException e) {
      return new Result(List.of(), List.of(), List.of("advantages: " + e.getMessage()));
    }
    List<LedgerEntry.Rewarded> rewarded = new ArrayList<>();
    int groups = 0;
    for (LedgerEntry entry : entries) {
      if (entry instanceof LedgerEntry.Trained) {
        groups++;
      } else if (entry instanceof LedgerEntry.Rewarded group) {
        rewarded.add(group);
      } else if (entry instanceof LedgerEntry.Amended amended) {
        audit.amended(amended);
      } else if (entry instanceof LedgerEntry.Step step) {
        audit.step(step.step(), groups, List.copyOf(rewarded));
        rewarded.clear();
        groups = 0;
      }
    }
    audit.unwritten();
    return audit.result();
  }

  private void amended(LedgerEntry.Amended entry) {
    Amendment own = new Amendment(entry.step(), entry.key(), entry.value(), entry.why());
    if (!amendments.remove(own)) {
      problem("the ledger says that %s, which is not in amendments.jsonl", own.text());
    }
    Amendable.name(entry.key()).ifPresent(name -> rewards.amend(name, entry.value()));
  }

  /** Reports amendments that should be in the ledger, since their step was trained. */
  private void unwritten() {
    amendments.stream()
        .filter(amendment -> amendment.from() < trained)
        .forEach(
            amendment ->
                problem(
                    "amendments.jsonl says that %s, which is not in the ledger", amendment.text()));
  }

  private static int others(RunFiles files) {
    return RunIdentity.read(files).map(RunIdentity::changes).orElse(List.of()).stream()
        .filter(
            change ->
                change.differences().stream()
                    .anyMatch(words -> words.startsWith(Identity.CONFIGURATION)))
        .mapToInt(RunIdentity.Change::afterStep)
        .max()
        .orElse(0);
  }

  private void step(int step, int groups, List<LedgerEntry.Rewarded> rewarded) {
    trained = step + 1;
    if (rewarded.isEmpty()) {
      unknown("advantages", "they are not recorded", step);
      forget();
    } else if (step < others) {
      unknown("advantages", "the configuration was another one then", step);
      forget();
    } else if (rewarded.size() != groups) {
      problem("step %d has the rewards of %d groups, not %d", step, rewarded.size(), groups);
      forget();
    } else if (rewarded.stream().map(this::isWhole).reduce(true, Boolean::logicalAnd)) {
      steps++;
      try {
        rewards(step, rewarded);
        advantages(step, rewarded);
        places(step, rewarded);
      } catch (IllegalArgumentException | ArithmeticException e) {
        problem("step %d: %s", step, e.getMessage());
        forget();
      }
    } else {
      forget();
    }
  }

  private void forget() {
    forgotten = true;
    lost = true;
  }

  private boolean isWhole(LedgerEntry.Rewarded group) {
    int count = group.rewards().size();
    boolean whole =
        group.advantages().size() == (byStep ? 0 : count)
            && byStep != group.steps().isEmpty()
            && isOf(group.scores(), count)
            && group.steps().stream()
                .allMatch(
                    own ->
                        own.advantages().size() == count
                            && (isOf(own.scores(), count) || isOf(own.scores(), 1)));
    if (!whole) {
      problem(
          "group %s has %d rewards, %d advantages and scores of %s images%s",
          group.id(),
          count,
          group.advantages().size(),
          sizes(group.scores()),
          group.steps().stream()
              .map(
                  own ->
                      "; a trained step %d advantages and scores of %s"
                          .formatted(own.advantages().size(), sizes(own.scores())))
              .collect(Collectors.joining()));
    }
    return whole;
  }

  private static boolean isOf(Map<String, List<Float>> scores, int images) {
    return scores.values().stream().allMatch(own -> own.size() == images);
  }

  private static List<Integer> sizes(Map<String, List<Float>> scores) {
    return scores.values().stream().map(List::size).toList();
  }

  private void rewards(int step, List<LedgerEntry.Rewarded> groups) {
    if (supplied) {
      unknown("rewards", "they came from a program", step);
      return;
    }
    if (lost && rewards.remembers()) {
      unknown("rewards", "they depend on steps that are not known", step);
      return;
    }
    List<float[]> made = rewards.rewards(step, groups);
    for (int g = 0; g < groups.size(); g++) {
      LedgerEntry.Rewarded group = groups.get(g);
      for (int i = 0; i < group.rewards().size(); i++) {
        if (!group.rewards().get(i).equals(made.get(g)[i])) {
          problem(
              "image %d of group %s in step %d has the reward %s, but %s gives %s for its scores",
              i, group.id(), step, group.rewards().get(i), rewards.maker(), made.get(g)[i]);
        }
      }
    }
  }

  private void advantages(int step, List<LedgerEntry.Rewarded> groups) {
    double[] rewards =
        groups.stream()
            .flatMap(group -> group.rewards().stream())
            .mapToDouble(Float::doubleValue)
            .toArray();
    int[] places = new int[rewards.length];
    int next = 0;
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < groups.get(g).rewards().size(); i++) {
        places[next++] = g;
      }
    }
    int rows = groups.get(0).steps().size();
    if (groups.stream().anyMatch(group -> group.steps().size() != rows)) {
      problem("step %d has groups with %d trained steps and groups with other numbers", step, rows);
      forgotten = true;
      return;
    }
    if (byStep && supplied) {
      unknown("advantages", "the scores of their steps came from a program", step);
      forgotten = true;
      return;
    }
    double[][] made =
        advantages.next(Math.max(1, rows), rewards, potentials(step, rows, groups), places);
    if (forgotten && advantages.remembers()) {
      unknown("advantages", "they depend on steps that are not known", step);
      forgotten = false;
      return;
    }
    images += rewards.length;
    for (int t = 0; t < made.length; t++) {
      next = 0;
      for (LedgerEntry.Rewarded group : groups) {
        compare(step, t, group, made[t], next);
        next += group.rewards().size();
      }
    }
  }

  private void places(int step, List<LedgerEntry.Rewarded> groups) {
    String why = places.unknown(groups);
    if (why.isEmpty()) {
      places.problems(step, groups).forEach(words -> problem("%s", words));
    } else {
      unknown("what places add", why, step);
    }
  }

  private double[][] potentials(int step, int rows, List<LedgerEntry.Rewarded> groups) {
    double[][] potentials = new double[rows][];
    for (int t = 0; t < rows; t++) {
      potentials[t] =
          this.rewards.potentials(step, t, groups).stream()
              .flatMapToDouble(own -> IntStream.range(0, own.length).mapToDouble(i -> own[i]))
              .toArray();
    }
    return potentials;
  }

  /**
   * Compares the advantages of a group's images in a trained step.
   *
   * @param made the recomputed advantages of all images of the learner step
   * @param first index of the group's first image in {@code made}
   */
  private void compare(
      int step, int trained, LedgerEntry.Rewarded group, double[] made, int first) {
    List<Double> told = byStep ? group.steps().get(trained).advantages() : group.advantages();
    String where = byStep ? " and trained step %d".formatted(trained + 1) : "";
    for (int i = 0; i < told.size(); i++) {
      if (!told.get(i).equals(made[first + i])) {
        problem(
            "image %d of group %s in step %d%s has the advantage %s, but its reward gives %s",
            i, group.id(), step, where, told.get(i), made[first + i]);
      }
    }
  }

  private void unknown(String what, String why, int step) {
    unknown.computeIfAbsent(what + ": " + why, key -> new ArrayList<>()).add(step);
  }

  private void problem(String message, Object... values) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(message.formatted(values));
    } else {
      hidden++;
    }
  }

  private Result result() {
    if (hidden > 0) {
      problems.add("%d more numbers differ".formatted(hidden));
    }
    List<String> facts =
        steps == 0
            ? List.of()
            : List.of(
                "advantages   of %d images in %d steps computed again".formatted(images, steps));
    List<String> reasons = new ArrayList<>();
    unknown.forEach(
        (what, of) ->
            reasons.add(
                "%s (%d steps, %d to %d)"
                    .formatted(what, of.size(), of.get(0), of.get(of.size() - 1))));
    return new Result(facts, List.copyOf(problems), List.copyOf(reasons));
  }
}
