package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.GroupFeatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Several critics trained side by side, each on its own features, with its own loss, interval and
 * trigger. A version holds the weights of all, so that every group is scored by critics of the same
 * step. Tensors and measurements are prefixed with the critic's name: features, weights and state
 * are {@code NAME:tensor}, measurements {@code critic/NAME/measurement}. Measurements of a critic
 * called {@link AdversarialReward#NAME} are always {@code critic/measurement}; if it is the only
 * critic, its tensors have no prefix either.
 */
public final class Critics implements Critic {

  private final Map<String, Critic> critics;

  /**
   * @param critics critics by name; closed with this
   */
  private Critics(Map<String, Critic> critics) {
    this.critics = new LinkedHashMap<>(critics);
  }

  /**
   * Creates one critic that represents all of these.
   *
   * @param rewards rewards that are trained, at least one
   * @param maker creates the critic of each; if one fails, those created before are closed
   */
  public static Critic of(List<TaughtReward> rewards, Function<TaughtReward, Critic> maker) {
    Map<String, Critic> made = new LinkedHashMap<>();
    try {
      for (TaughtReward reward : rewards) {
        made.put(reward.name(), maker.apply(reward));
      }
    } catch (RuntimeException | Error e) {
      made.values().forEach(Critic::close);
      throw e;
    }
    return made.size() == 1 && made.containsKey(AdversarialReward.NAME)
        ? made.get(AdversarialReward.NAME)
        : new Critics(made);
  }

  /**
   * Joins the tensors of several critics.
   *
   * @param names of all critics of the reward
   * @param parts tensors by the critic's name
   */
  public static NamedTensors joined(List<String> names, Map<String, NamedTensors> parts) {
    if (isAlone(names)) {
      return parts.get(AdversarialReward.NAME);
    }
    SortedMap<String, Tensor> all = new TreeMap<>();
    names.forEach(
        name ->
            parts
                .get(name)
                .asMap()
                .forEach((tensor, values) -> all.put(prefix(name) + tensor, values)));
    return new NamedTensors(all);
  }

  /**
   * Returns one critic's tensors from the result of {@link #joined}.
   *
   * @param names of all critics of the reward
   */
  public static NamedTensors part(List<String> names, NamedTensors all, String name) {
    return isAlone(names) ? all : all.part(prefix(name));
  }

  /** Whether tensors have no prefix: the only critic has the default name. */
  public static boolean isAlone(List<String> names) {
    return names.equals(List.of(AdversarialReward.NAME));
  }

  private static String prefix(String name) {
    return name + ":";
  }

  private List<String> names() {
    return List.copyOf(critics.keySet());
  }

  @Override
  public void every(int steps) {
    throw new IllegalStateException(
        "%s are trained at intervals of their own".formatted(critics.keySet()));
  }

  @Override
  public Map<String, Double> update(int step, List<GroupFeatures> groups) {
    Map<String, Double> all = new LinkedHashMap<>();
    critics.forEach(
        (name, critic) -> {
          List<GroupFeatures> own =
              groups.stream()
                  .map(
                      group ->
                          new GroupFeatures(
                              group.id(), group.prompt(), part(names(), group.features(), name)))
                  .toList();
          updated(name, critic, step, own)
              .forEach((measurement, value) -> all.put(reported(name, measurement), value));
        });
    return all;
  }

  private static Map<String, Double> updated(
      String name, Critic critic, int step, List<GroupFeatures> groups) {
    try {
      return critic.update(step, groups);
    } catch (RuntimeException e) {
      throw new CriticException(name, e);
    }
  }

  /** Turns {@code critic/loss} of the critic {@code style} into {@code critic/style/loss}. */
  private static String reported(String name, String measurement) {
    return name.equals(AdversarialReward.NAME)
        ? measurement
        : measurement.replaceFirst("^critic/", "critic/" + name + "/");
  }

  @Override
  public NamedTensors weights() {
    return joined(Critic::weights);
  }

  @Override
  public NamedTensors state() {
    return joined(Critic::state);
  }

  private NamedTensors joined(Function<Critic, NamedTensors> part) {
    Map<String, NamedTensors> parts = new LinkedHashMap<>();
    critics.forEach((name, critic) -> parts.put(name, part.apply(critic)));
    return joined(names(), parts);
  }

  @Override
  public void restore(NamedTensors state) {
    if (names().stream().anyMatch(name -> part(names(), state, name).names().isEmpty())) {
      throw new IllegalArgumentException(
          ("the state to resume from is not that of the critics %s: a run resumes with those that it"
                  + " started with; restore reward.critics, or start another run (run.dir=)")
              .formatted(String.join(", ", names())));
    }
    critics.forEach((name, critic) -> critic.restore(part(names(), state, name)));
  }

  @Override
  public void close() {
    critics.values().forEach(Critic::close);
  }
}
