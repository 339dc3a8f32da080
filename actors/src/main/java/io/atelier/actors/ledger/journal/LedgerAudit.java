package io.atelier.actors.ledger.journal;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Proves from the lines of a ledger alone that the run kept its books: every group admitted is
 * trained once, dropped with a reason or open; every step has exactly its groups; versions obey the
 * schedule; every group names the hash of a version that the run really produced.
 */
public final class LedgerAudit {

  /**
   * What the lines say.
   *
   * @param steps steps trained
   * @param admitted groups started, as far as the lines tell
   * @param trained groups that entered an update
   * @param dropped groups given up
   * @param open groups neither trained nor dropped at the last line that counts them
   * @param policyHash content hash of the last policy version; empty before the first step's end
   * @param criticHash the same of the critic
   * @param problems what is wrong, each with its line; empty if the ledger balances
   */
  public record Result(
      int steps,
      long admitted,
      long trained,
      long dropped,
      long open,
      String policyHash,
      String criticHash,
      List<String> problems) {
    public boolean balanced() {
      return problems.isEmpty();
    }
  }

  private static final int MAX_PROBLEMS = 100;

  private final List<String> problems = new ArrayList<>();
  private final Map<Long, String> policyHashes = new HashMap<>();
  private final Map<Long, String> criticHashes = new HashMap<>();
  private final Map<GroupId, Integer> drops = new HashMap<>();
  private final Set<GroupId> trained = new HashSet<>();
  private final Set<GroupId> rewards = new HashSet<>();
  private final List<LedgerEntry.Trained> stepGroups = new ArrayList<>();
  private LedgerEntry.Begun rules;
  private Optional<Counts> counts = Optional.empty();
  private int steps;
  private int line;
  private long dropped;
  private boolean ended;

  private LedgerAudit(LedgerEntry.Begun rules) {
    this.rules = rules;
    policyHashes.put(0L, rules.policyHash());
    criticHashes.put(0L, rules.criticHash());
  }

  /** Checks the lines of a run, finished or not. */
  public static Result of(List<LedgerEntry> entries) {
    if (entries.isEmpty() || !(entries.get(0) instanceof LedgerEntry.Begun begun)) {
      String problem = entries.isEmpty() ? "the ledger is empty" : "line 1 does not begin a run";
      return new Result(0, 0, 0, 0, 0, "", "", List.of(problem));
    }
    LedgerAudit audit = new LedgerAudit(begun);
    if (begun.format() != LedgerEntry.FORMAT) {
      audit.problem(
          "format %d, this program reads %d".formatted(begun.format(), LedgerEntry.FORMAT));
    }
    for (int i = 0; i < entries.size(); i++) {
      audit.line = i + 1;
      audit.check(entries.get(i));
    }
    return audit.result();
  }

  private void check(LedgerEntry entry) {
    if (ended) {
      problem("comes after the end of the run");
    }
    if (entry instanceof LedgerEntry.Trained group) {
      checkGroup(group);
    } else if (entry instanceof LedgerEntry.Rewarded rewarded) {
      checkRewarded(rewarded);
    } else if (entry instanceof LedgerEntry.Dropped drop) {
      checkDrop(drop);
    } else if (entry instanceof LedgerEntry.Amended amended) {
      expect(
          amended.step() == steps && stepGroups.isEmpty(),
          "says that %s changes in step %d, in the middle of step %d",
          amended.key(),
          amended.step(),
          steps);
    } else if (entry instanceof LedgerEntry.Step step) {
      checkStep(step);
    } else if (entry instanceof LedgerEntry.Ended end) {
      ended = true;
      expect(end.steps() == steps, "says %d steps, there are %d", end.steps(), steps);
      checkCounts(end.counts());
    } else if (line > 1) {
      problem("begins the run a second time");
    }
  }

  private void checkGroup(LedgerEntry.Trained group) {
    GroupId id = group.id();
    Schedule schedule = rules.schedule();
    stepGroups.add(group);
    expect(group.step() == steps, "group %s is for step %d, not %d", id, group.step(), steps);
    expect(trained.add(id), "group %s is trained a second time", id);
    int expected = drops.getOrDefault(id, 0);
    expect(
        group.attempt() == expected,
        "group %s is attempt %d, but %d were dropped before",
        id,
        group.attempt(),
        expected);
    checkVersion(
        id, "policy", group.policyVersion(), schedule.policyVersion(group.step()), group.step());
    long critic = rules.critic() ? schedule.criticVersion(group.step()) : 0;
    checkVersion(id, "critic", group.criticVersion(), critic, rules.critic() ? group.step() : 0);
    checkHash(id, "policy", group.policyVersion(), group.policyHash(), policyHashes);
    checkHash(id, "critic", group.criticVersion(), group.criticHash(), criticHashes);
  }

  private void checkRewarded(LedgerEntry.Rewarded rewarded) {
    boolean follows =
        !stepGroups.isEmpty() && stepGroups.get(stepGroups.size() - 1).id().equals(rewarded.id());
    expect(
        follows && rewarded.step() == steps && rewards.add(rewarded.id()),
        "the rewards of group %s in step %d do not follow its only line in that step",
        rewarded.id(),
        rewarded.step());
  }

  private void checkVersion(GroupId id, String what, long version, long oldest, long newest) {
    boolean free = rules.schedule().mode() == Schedule.Mode.FREE_RUNNING;
    expect(
        free ? version >= oldest && version <= newest : version == oldest,
        "group %s has %s version %d, the schedule says %s",
        id,
        what,
        version,
        free ? oldest + " to " + newest : oldest);
  }

  private void checkHash(
      GroupId id, String what, long version, String hash, Map<Long, String> known) {
    expect(
        hash.equals(known.get(version)),
        "group %s has %s hash %s, version %d is %s",
        id,
        what,
        hash,
        version,
        known.get(version));
  }

  private void checkDrop(LedgerEntry.Dropped drop) {
    dropped++;
    int before = drops.merge(drop.id(), 1, Integer::sum) - 1;
    expect(
        drop.attempt() == before,
        "group %s drops attempt %d, but %d were dropped before",
        drop.id(),
        drop.attempt(),
        before);
    expect(!trained.contains(drop.id()), "group %s is dropped after training", drop.id());
    expect(!drop.reason().isBlank(), "group %s is dropped without a reason", drop.id());
  }

  private void checkStep(LedgerEntry.Step step) {
    expect(step.step() == steps, "is step %d, not %d", step.step(), steps);
    expect(
        stepGroups.size() == rules.groupsPerStep(),
        "step %d has %d groups, not %d",
        step.step(),
        stepGroups.size(),
        rules.groupsPerStep());
    if (rules.schedule().mode() != Schedule.Mode.FREE_RUNNING) {
      for (int slot = 0; slot < stepGroups.size(); slot++) {
        GroupId expected = new GroupId(steps, slot);
        GroupId id = stepGroups.get(slot).id();
        expect(id.equals(expected), "step %d has group %s for %s", step.step(), id, expected);
      }
    }
    steps++;
    expect(
        step.policyVersion() == steps,
        "makes policy version %d, not %d",
        step.policyVersion(),
        steps);
    long critic = rules.critic() ? steps : 0;
    expect(
        step.criticVersion() == critic,
        "makes critic version %d, not %d",
        step.criticVersion(),
        critic);
    policyHashes.put(step.policyVersion(), step.policyHash());
    criticHashes.put(step.criticVersion(), step.criticHash());
    checkCounts(step.counts());
    checkSlots(step.counts());
    stepGroups.clear();
  }

  private void checkCounts(Counts said) {
    counts = Optional.of(said);
    expect(
        said.balanced(),
        "does not balance: admitted %d, trained %d, dropped %d, open %d",
        said.admitted(),
        said.trained(),
        said.dropped(),
        said.open());
    expect(
        said.trained() == trained.size(),
        "counts %d trained groups, the lines have %d",
        said.trained(),
        trained.size());
    expect(
        said.dropped() == dropped,
        "counts %d dropped groups, the lines have %d",
        said.dropped(),
        dropped);
  }

  /** At a step boundary every dropped group was replaced, so the groups ever named are known. */
  private void checkSlots(Counts said) {
    long named = said.admitted() - said.dropped();
    int perStep = rules.groupsPerStep();
    for (LedgerEntry.Trained group : stepGroups) {
      GroupId id = group.id();
      long index = (long) id.step() * perStep + id.slot();
      expect(
          id.slot() < perStep && index < named,
          "group %s is trained, but only %d were named, %d for each step",
          id,
          named,
          perStep);
    }
    long slots = (long) (rules.schedule().depth() + 1) * perStep;
    expect(said.open() <= slots, "has %d groups open, there are %d slots", said.open(), slots);
  }

  private Result result() {
    long open = counts.map(c -> c.open() - (trained.size() - c.trained())).orElse(0L);
    long admitted = trained.size() + dropped + open;
    return new Result(
        steps,
        admitted,
        trained.size(),
        dropped,
        open,
        policyHashes.getOrDefault((long) steps, ""),
        criticHashes.getOrDefault(rules.critic() ? (long) steps : 0L, ""),
        List.copyOf(problems));
  }

  private void expect(boolean holds, String message, Object... values) {
    if (!holds) {
      problem(message.formatted(values));
    }
  }

  private void problem(String what) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add("line %d: %s".formatted(Math.max(1, line), what));
    }
  }
}
