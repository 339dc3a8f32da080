package io.atelier.actors.run.alarm;

import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.metrics.Correlation;
import io.atelier.reward.sum.RewardSum;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Compares the rewards of a run with its evaluations, which no reward sees: whether the policy
 * draws better, or has learned to hack its rewards.
 */
public final class Hacking {

  /** Fewest steps between two evaluations that are compared. */
  static final int APART = 20;

  /** Increase of the KID above which a run is flagged; between seeds it differs by about 1. */
  static final double WORSE = 2;

  /** Fewest points for a correlation; fewer always lie near a line. */
  static final int FEWEST = 3;

  static final String KID = "kidReference";
  static final String STYLE = "styleShare";
  private static final String REWARD = "reward/";
  private static final Pattern MEMBER =
      Pattern.compile(REWARD + "(?<member>(?<ensemble>[^/]+)/member\\.\\d+)");

  /**
   * All rewards rose while the images got worse and none of them noticed: rewards that agree share
   * a blind spot.
   *
   * @param from the earlier evaluation
   * @param to the later one, at least {@link #APART} steps after it
   * @param kidFrom KID at the earlier one
   * @param kidTo KID at the later one
   */
  public record Herding(int from, int to, double kidFrom, double kidTo) {

    /** Describes it for a person. */
    String text() {
      return String.format(
          Locale.ROOT,
          "from step %d to %d every reward rose, while KID got worse from %.0f to %.0f: the policy"
              + " may have learned to please its rewards",
          from,
          to,
          kidFrom,
          kidTo);
    }
  }

  /**
   * A row of the table: one reward, or the sum.
   *
   * @param name of the reward; {@code total} for the one trained on
   * @param first its mean at the first evaluation
   * @param last its mean at the last one
   * @param withKid correlation of its mean with the KID over all evaluations, -1 to 1; below 0 if
   *     images with higher rewards are nearer to the references
   * @param withStyle the same with the style share; above 0 if the reward is right
   * @param pairs share of pairs in which it prefers a reference to a generated image of the same
   *     group, over the last {@link RunCurves#MEAN_OF} steps; for rewards that score references
   */
  record Row(
      String name,
      OptionalDouble first,
      OptionalDouble last,
      OptionalDouble withKid,
      OptionalDouble withStyle,
      OptionalDouble pairs) {

    /** The row for JSON; null for a value that was not measured. */
    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("first", orNull(first));
      json.put("last", orNull(last));
      json.put("withKid", orNull(withKid));
      json.put("withStyle", orNull(withStyle));
      json.put("pairs", orNull(pairs));
      return json;
    }

    private static Double orNull(OptionalDouble value) {
      return value.isPresent() ? value.getAsDouble() : null;
    }
  }

  private Hacking() {}

  /** Names of the rewards that the trained sum is made of. */
  static List<String> rewards(RunCurves curves) {
    return List.copyOf(rewardsOf(names(curves)));
  }

  /** Names of all measurements of steps: thousands of lines share a few. */
  private static Set<String> names(RunCurves curves) {
    Set<String> names = new HashSet<>();
    curves.steps().values().forEach(line -> names.addAll(line.keySet()));
    return names;
  }

  private static TreeSet<String> rewardsOf(Set<String> names) {
    return names.stream()
        .filter(name -> name.startsWith(REWARD))
        .map(name -> name.substring(REWARD.length()))
        .filter(name -> !name.contains("/") && !RewardSum.REPORTED.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The rewards, with ensembles replaced by their members: an ensemble's rewards have a mean of
   * about 0 in each group, whatever its members give.
   */
  private static List<String> withMembers(RunCurves curves) {
    Set<String> measured = names(curves);
    TreeSet<String> names = rewardsOf(measured);
    measured.stream()
        .map(MEMBER::matcher)
        .filter(Matcher::matches)
        .forEach(
            member -> {
              names.remove(member.group("ensemble"));
              names.add(member.group("member"));
            });
    return List.copyOf(names);
  }

  /**
   * Whether every reward, or every member of an ensemble, rose between the last evaluation at least
   * {@link #APART} steps before {@code step} and the evaluation of {@code step}, while the KID got
   * worse by more than {@link #WORSE}; empty if there is nothing to compare.
   *
   * @return the flag; the inner optional is empty if it is not raised
   */
  public static Optional<Optional<Herding>> herding(RunCurves curves, int step) {
    SortedMap<Integer, Map<String, Double>> earlier =
        curves.evaluations().headMap(step - APART + 1);
    Map<String, Double> now = curves.evaluations().getOrDefault(step, Map.of());
    List<String> rewards = withMembers(curves);
    if (earlier.isEmpty() || rewards.isEmpty() || !now.containsKey(KID)) {
      return Optional.empty();
    }
    int from = earlier.lastKey();
    if (!earlier.get(from).containsKey(KID)) {
      return Optional.empty();
    }
    double before = earlier.get(from).get(KID);
    boolean up = true;
    for (String reward : rewards) {
      OptionalDouble first = curves.mean(REWARD + reward, from);
      OptionalDouble last = curves.mean(REWARD + reward, step);
      if (first.isEmpty() || last.isEmpty()) {
        return Optional.empty();
      }
      up &= last.getAsDouble() > first.getAsDouble();
    }
    return Optional.of(
        up && now.get(KID) - before > WORSE
            ? Optional.of(new Herding(from, step, before, now.get(KID)))
            : Optional.empty());
  }

  /** All flags of a run. */
  public static List<Herding> herding(RunCurves curves) {
    List<Herding> raised = new ArrayList<>();
    for (int step : curves.evaluations().keySet()) {
      herding(curves, step).flatMap(flag -> flag).ifPresent(raised::add);
    }
    return raised;
  }

  /** The reward trained on, then its parts if there are several, then the members of ensembles. */
  static List<Row> rows(RunCurves curves) {
    List<String> rewards = rewards(curves);
    List<String> names = new ArrayList<>(List.of("total"));
    names.addAll(rewards);
    withMembers(curves).stream().filter(name -> !rewards.contains(name)).forEach(names::add);
    boolean several = rewards.size() > 1;
    return names.stream()
        .filter(name -> several || !name.equals("total") || rewards.isEmpty())
        .map(name -> row(curves, name))
        .filter(row -> row.last().isPresent())
        .toList();
  }

  private static Row row(RunCurves curves, String name) {
    String reward = REWARD + name;
    List<Integer> at = List.copyOf(curves.evaluations().keySet());
    int first = at.isEmpty() ? 0 : at.get(0);
    int last = at.isEmpty() ? curves.trained() : at.get(at.size() - 1);
    return new Row(
        name,
        curves.mean(reward, first),
        curves.mean(reward, last),
        correlation(curves, reward, KID),
        correlation(curves, reward, STYLE),
        pairs(curves, name));
  }

  /** The accuracy of a critic that also reports the scores of generated images is that of pairs. */
  private static OptionalDouble pairs(RunCurves curves, String name) {
    String critic = name.equals(AdversarialReward.NAME) ? "critic/" : "critic/" + name + "/";
    int last = curves.trained();
    boolean byPairs = curves.mean(critic + "reward-generated", last).isPresent();
    return curves.mean(critic + (byPairs ? "accuracy" : "pair-accuracy"), last);
  }

  /**
   * Correlation of a step's measurement with an evaluation's, over the evaluations that have both.
   */
  static OptionalDouble correlation(RunCurves curves, String ofStep, String ofEvaluation) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    curves
        .evaluations()
        .forEach(
            (step, measured) -> {
              OptionalDouble own = curves.mean(ofStep, step);
              if (own.isPresent() && measured.containsKey(ofEvaluation)) {
                x.add(own.getAsDouble());
                y.add(measured.get(ofEvaluation));
              }
            });
    return x.size() < FEWEST ? OptionalDouble.empty() : Correlation.pearson(array(x), array(y));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
