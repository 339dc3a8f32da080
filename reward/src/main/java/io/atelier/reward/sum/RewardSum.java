package io.atelier.reward.sum;

import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.adversarial.TaughtReward;
import io.atelier.reward.clip.Clips;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.rollout.ImageGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Recipe of a weighted sum of rewards, from which each worker creates its own scorer. Immutable;
 * built by {@link Rewards}, as in {@code Rewards.adversarial(encoder).weight(0.7).plus(
 * Rewards.jpegCompressibility().weight(0.3))}.
 */
public final class RewardSum {

  /** Creates a reward from the run's seed and the CLIPs that the rewards of one scorer share. */
  interface Maker {
    Reward make(long seed, Clips clips);
  }

  /** Names under which a run reports the sum itself, next to its parts. */
  public static final Set<String> REPORTED = Set.of("total", "zero-variance");

  private record Part(String name, double weight, Maker maker) {}

  private final List<Part> parts;
  private final List<TaughtReward> taught;
  private final Optional<RewardGraph> graph;

  private RewardSum(List<Part> parts, List<TaughtReward> taught) {
    this(parts, taught, Optional.empty());
  }

  private RewardSum(List<Part> parts, List<TaughtReward> taught, Optional<RewardGraph> graph) {
    this.parts = List.copyOf(parts);
    this.taught = List.copyOf(taught);
    this.graph = graph;
    Set<String> names = new HashSet<>();
    for (Part part : parts) {
      if (REPORTED.contains(part.name())) {
        throw new IllegalArgumentException(
            "a reward is called \"%s\", under which the sum is reported; give it another name"
                .formatted(part.name()));
      }
      if (!names.add(part.name())) {
        throw new IllegalArgumentException(
            "two rewards of one sum are called \"%s\"; give them different names"
                .formatted(part.name()));
      }
    }
  }

  static RewardSum of(String name, Maker maker) {
    return new RewardSum(List.of(new Part(name, 1, maker)), List.of());
  }

  static RewardSum of(TaughtReward taught) {
    Part part = new Part(taught.name(), 1, taught::reward);
    return new RewardSum(List.of(part), List.of(taught));
  }

  /** Returns this sum times {@code weight}, positive and finite. */
  public RewardSum weight(double weight) {
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "weight %s of reward %s must be positive and finite".formatted(weight, names()));
    }
    requireSum();
    return new RewardSum(
        parts.stream().map(p -> new Part(p.name(), weight * p.weight(), p.maker())).toList(),
        taught);
  }

  /** Returns the sum of this and {@code other}. */
  public RewardSum plus(RewardSum other) {
    requireSum();
    other.requireSum();
    List<Part> both = new ArrayList<>(parts);
    both.addAll(other.parts);
    List<TaughtReward> critics = new ArrayList<>(taught);
    critics.addAll(other.taught);
    return new RewardSum(both, critics);
  }

  /**
   * Returns these rewards combined by a graph instead of the sum, evaluated when all scores of a
   * learner step are present. The graph must use each of them, and none may have its own weight.
   *
   * @param root node whose values are the rewards
   */
  public RewardSum combined(Node root) {
    requireSum();
    RewardGraph made = RewardGraph.of(root, names());
    for (Part part : parts) {
      if (!made.leaves().contains(part.name())) {
        throw new IllegalArgumentException(
            "graph does not name the reward \"%s\"; leave it out of the sum, or give it the weight 0 in the graph"
                .formatted(part.name()));
      }
      if (part.weight() != 1) {
        throw new IllegalArgumentException(
            "weight %s of reward \"%s\" has no effect with a graph; set the weight in the graph"
                .formatted(part.weight(), part.name()));
      }
    }
    return new RewardSum(parts, taught, Optional.of(made));
  }

  private void requireSum() {
    if (graph.isPresent()) {
      throw new IllegalArgumentException(
          "a graph already combines %s; weight and add them there".formatted(names()));
    }
  }

  /** Returns the graph over the scores of a step; empty for the sum. */
  public Optional<RewardGraph> graph() {
    return graph;
  }

  /**
   * Returns the same with scores of the places of images, from the only critic that judges places.
   *
   * @throws IllegalArgumentException if no critic does, or several do
   */
  public RewardSum withPlaces() {
    List<TaughtReward> able =
        taught.stream().map(TaughtReward::withPlaces).flatMap(Optional::stream).toList();
    if (able.size() != 1) {
      throw new IllegalArgumentException(
          "%s; let exactly one discriminator have maps and a local-weight above 0"
              .formatted(
                  able.isEmpty()
                      ? "no reward judges places"
                      : "%s judge places, so it is ambiguous which counts"
                          .formatted(able.stream().map(TaughtReward::name).toList())));
    }
    TaughtReward judge = able.get(0);
    return new RewardSum(
        parts.stream()
            .map(
                part ->
                    part.name().equals(judge.name())
                        ? new Part(part.name(), part.weight(), judge::reward)
                        : part)
            .toList(),
        taught.stream().map(own -> own.name().equals(judge.name()) ? judge : own).toList(),
        graph);
  }

  /** Returns the weighted sum of the summands' scores. */
  public WeightedSum sum() {
    return new WeightedSum(parts.stream().collect(Collectors.toMap(Part::name, Part::weight)));
  }

  /** Returns the names of the summands, in order. */
  public List<String> names() {
    return parts.stream().map(Part::name).toList();
  }

  /** Returns the summands that are trained by critics, in order; empty if there are none. */
  public List<TaughtReward> taught() {
    return taught;
  }

  /**
   * Returns a supplier of the only reward of this sum, without its weight, to be called on the
   * thread that will own it.
   *
   * @param seed the run's seed
   * @throws IllegalArgumentException if there are several, or it is trained
   */
  public Supplier<Reward> alone(long seed) {
    if (parts.size() != 1 || !taught.isEmpty()) {
      throw new IllegalArgumentException(
          "%s must be one reward that does not learn".formatted(names()));
    }
    Maker maker = parts.get(0).maker();
    return () -> {
      Clips clips = new Clips();
      try {
        return new Alone(maker.make(seed, clips), clips);
      } catch (RuntimeException e) {
        clips.close();
        throw e;
      }
    };
  }

  /** A reward with its encoders, which are closed with it. */
  private record Alone(Reward reward, Clips clips) implements Reward {
    @Override
    public String name() {
      return reward.name();
    }

    @Override
    public Outcome score(ImageGroup group) {
      return reward.score(group);
    }

    @Override
    public void close() {
      reward.close();
      clips.close();
    }
  }

  /** Creates a scorer; called on the compute thread that will own it. */
  public GroupScorer scorer(long seed) {
    List<WeightedScorer.Summand> summands = new ArrayList<>();
    Clips clips = new Clips();
    try {
      for (Part part : parts) {
        Reward reward = part.maker().make(seed, clips);
        summands.add(new WeightedScorer.Summand(part.name(), part.weight(), reward));
      }
    } catch (RuntimeException e) {
      summands.forEach(s -> s.reward().close());
      clips.close();
      throw e;
    }
    return new WeightedScorer(summands, clips);
  }
}
