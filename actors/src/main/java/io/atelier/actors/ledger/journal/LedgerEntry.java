package io.atelier.actors.ledger.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Credit;
import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** One line of the journal: what became of a group, a step or the run. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LedgerEntry.Begun.class, name = "begun"),
  @JsonSubTypes.Type(value = LedgerEntry.Trained.class, name = "trained"),
  @JsonSubTypes.Type(value = LedgerEntry.Rewarded.class, name = "rewarded"),
  @JsonSubTypes.Type(value = LedgerEntry.Dropped.class, name = "dropped"),
  @JsonSubTypes.Type(value = LedgerEntry.Amended.class, name = "amended"),
  @JsonSubTypes.Type(value = LedgerEntry.Step.class, name = "step"),
  @JsonSubTypes.Type(value = LedgerEntry.Ended.class, name = "ended")
})
public sealed interface LedgerEntry {

  /** Layout of the lines. */
  int FORMAT = 1;

  /**
   * First line: the rules that the others obey.
   *
   * @param policyHash content hash of policy version 0
   * @param criticHash content hash of critic version 0
   */
  record Begun(
      int format,
      Schedule schedule,
      int groupsPerStep,
      boolean critic,
      String policyHash,
      String criticHash)
      implements LedgerEntry {}

  /**
   * A group entered an update; the lines of a step's groups come right before the step's.
   *
   * @param attempt how often the group was replaced
   * @param leases how often it was given to a worker, for generating and for scoring
   */
  record Trained(
      int step,
      GroupId id,
      int attempt,
      int leases,
      long policyVersion,
      String policyHash,
      long criticVersion,
      String criticHash)
      implements LedgerEntry {

    public static Trained of(int step, TrainingGroup group) {
      Generation generation = group.generation();
      Scoring scoring = group.scoring();
      return new Trained(
          step,
          group.id(),
          group.attempt(),
          group.leases(),
          generation.version(),
          generation.hash(),
          scoring.version(),
          scoring.hash());
    }
  }

  /**
   * What a group was trained on: the line after that of {@link Trained}, from which all can be
   * computed again. Older programs wrote none.
   *
   * @param prompt of the group, by which a reward graph may decide
   * @param scores of each part of the reward, one for each image, in the order of the parts
   * @param rewards what was made of these for each image
   * @param advantages what was made of the rewards of the step for each image, limited; none where
   *     credit is given by step
   * @param steps each trained step, where credit is given by step; none elsewhere
   * @param places what was added to the advantages of places, where their scores tell them apart;
   *     null elsewhere
   */
  record Rewarded(
      int step,
      GroupId id,
      Prompt prompt,
      Map<String, List<Float>> scores,
      List<Float> rewards,
      List<Double> advantages,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<TrainedStep> steps,
      @JsonInclude(JsonInclude.Include.NON_NULL) Places places)
      implements LedgerEntry {

    public Rewarded {
      Objects.requireNonNull(id, "no group");
      Objects.requireNonNull(prompt, "no prompt");
      scores = whole(scores);
      rewards = List.copyOf(rewards);
      advantages = List.copyOf(advantages);
      steps = steps == null ? List.of() : List.copyOf(steps);
    }

    public static Rewarded of(int step, TrainingGroup group, Credit credit) {
      List<Reward.Scored> potentials = group.scoring().potentials();
      List<double[]> advantages = credit.advantages();
      boolean byStep = !potentials.isEmpty();
      return new Rewarded(
          step,
          group.id(),
          credit.prompt(),
          parts(group.scoring().scores()),
          list(credit.rewards()),
          byStep ? List.of() : list(advantages.get(0)),
          byStep
              ? IntStream.range(0, advantages.size())
                  .mapToObj(t -> new TrainedStep(parts(potentials.get(t)), list(advantages.get(t))))
                  .toList()
              : List.of(),
          credit
              .places()
              .map(
                  own ->
                      new Places(
                          own.rows(),
                          own.columns(),
                          list(group.scoring().scores().places()),
                          list(own.added())))
              .orElse(null));
    }

    private static Map<String, List<Float>> parts(Reward.Scored scored) {
      Map<String, List<Float>> scores = new LinkedHashMap<>();
      scored.parts().forEach((name, part) -> scores.put(name, list(part)));
      return scores;
    }

    private static List<Double> list(double[] values) {
      return Arrays.stream(values).boxed().toList();
    }

    private static List<Float> list(float[] values) {
      List<Float> list = new ArrayList<>(values.length);
      for (float value : values) {
        list.add(value);
      }
      return list;
    }
  }

  /**
   * What a trained step of a group was credited by.
   *
   * @param scores of each part of the reward: of what the states before it lead to, one for each
   *     image, or one for all where they share the state
   * @param advantages of the step for each image, limited
   */
  record TrainedStep(Map<String, List<Float>> scores, List<Double> advantages) {

    public TrainedStep {
      scores = whole(scores);
      advantages = List.copyOf(advantages);
    }
  }

  /**
   * What the places of a group's images were credited by.
   *
   * @param rows of the latents of an image
   * @param columns of them
   * @param scores of each place of each image
   * @param added to the advantage of each
   */
  record Places(int rows, int columns, List<Float> scores, List<Double> added) {

    public Places {
      scores = List.copyOf(scores);
      added = List.copyOf(added);
    }
  }

  /** In their order, with none missing. */
  private static Map<String, List<Float>> whole(Map<String, List<Float>> scores) {
    scores.values().forEach(List::copyOf);
    return Collections.unmodifiableMap(new LinkedHashMap<>(scores));
  }

  /** A group was given up; unless the run ended with it, the next attempt took its place. */
  record Dropped(GroupId id, int attempt, String reason) implements LedgerEntry {}

  /** A configuration value changes from this step on; written before the step's groups. */
  record Amended(int step, String key, double value, String why) implements LedgerEntry {

    public Amended {
      Objects.requireNonNull(key, "no key");
      Objects.requireNonNull(why, "no reason");
    }
  }

  /** A step is trained; versions and hashes are of what it produced, counts are after it. */
  record Step(
      int step,
      long policyVersion,
      String policyHash,
      long criticVersion,
      String criticHash,
      Counts counts)
      implements LedgerEntry {}

  /** The run ended in order; a run that was killed has no such line. */
  record Ended(int steps, String outcome, Counts counts) implements LedgerEntry {}
}
