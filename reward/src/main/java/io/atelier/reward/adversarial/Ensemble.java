package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The heads of one critic, called members, and how their scores are combined. A single member
 * scores by its logits, and its tensors have no prefix. With several, the tensors of member k are
 * {@code member.<k>.<name>}, among them {@code member.<k>.deviation}, by which its scores are
 * divided: their standard deviation over the images of the last step, 1 before the first. Not
 * thread-safe: one compute thread owns it.
 */
final class Ensemble implements AutoCloseable {

  private static final String MEMBER = "member.";
  private static final String DEVIATION = "deviation";

  private final EnsembleConfig config;
  private final List<Discriminator> members;
  private final float[] deviations;

  private Ensemble(EnsembleConfig config, List<Discriminator> members, float[] deviations) {
    this.config = config;
    this.members = members;
    this.deviations = deviations;
  }

  /**
   * Creates members that have not scored a step yet.
   *
   * @param members as many as {@code config} has; closed with this
   */
  static Ensemble untrained(EnsembleConfig config, List<Discriminator> members) {
    float[] deviations = new float[members.size()];
    Arrays.fill(deviations, 1);
    return new Ensemble(config, List.copyOf(members), deviations);
  }

  /**
   * Creates members with copies of {@link #weights}; other tensors are ignored.
   *
   * @throws IllegalArgumentException if the number of members differs
   */
  static Ensemble of(DiscriminatorConfig config, NamedTensors weights) {
    EnsembleConfig ensemble = config.ensemble();
    requireMembers(ensemble, weights);
    List<Discriminator> members = new ArrayList<>();
    float[] deviations = new float[ensemble.members()];
    try {
      for (int k = 0; k < deviations.length; k++) {
        NamedTensors own = part(ensemble, weights, k);
        members.add(Discriminator.of(config, own));
        deviations[k] = ensemble.several() ? own.get(DEVIATION).values()[0] : 1;
      }
    } catch (RuntimeException e) {
      members.forEach(Discriminator::close);
      throw e;
    }
    return new Ensemble(ensemble, members, deviations);
  }

  private static void requireMembers(EnsembleConfig config, NamedTensors weights) {
    int there = 0;
    while (weights.contains(MEMBER + there + "." + DEVIATION)) {
      there++;
    }
    if (there != (config.several() ? config.members() : 0)) {
      throw new IllegalArgumentException(
          "the critic's weights are those of %d member(s), but critic.members is %d: a run resumes with as many as it started with; set critic.members=%d, or start another run (run.dir=)"
              .formatted(Math.max(1, there), config.members(), Math.max(1, there)));
    }
  }

  /** Returns the prefix of a member's tensor names. */
  static String prefix(EnsembleConfig config, int member) {
    return config.several() ? MEMBER + member + "." : "";
  }

  /** Returns one member's tensors, without the prefix. */
  static NamedTensors part(EnsembleConfig config, NamedTensors all, int member) {
    return config.several() ? all.part(prefix(config, member)) : all;
  }

  Discriminator member(int k) {
    return members.get(k);
  }

  /** Returns a copy of all that scoring needs. */
  NamedTensors weights() {
    if (!config.several()) {
      return members.get(0).weights();
    }
    SortedMap<String, Tensor> all = new TreeMap<>();
    for (int k = 0; k < deviations.length; k++) {
      String prefix = prefix(config, k);
      members.get(k).weights().asMap().forEach((name, own) -> all.put(prefix + name, own));
      all.put(prefix + DEVIATION, new Tensor(new long[] {1}, new float[] {deviations[k]}));
    }
    return new NamedTensors(all);
  }

  /**
   * Scores of images.
   *
   * @param total the reward
   * @param parts {@code global} and {@code local} of {@link Discriminator.Scores}, and {@code
   *     prior} if there is one, averaged over members; with several members also {@code
   *     member.<k>}, the reward by each alone, with its own offset and scale
   * @param places {@link Discriminator.Scores#places}, averaged over members
   */
  record Scores(float[] total, Map<String, float[]> parts, SortedMap<String, float[]> places) {}

  /**
   * Scores a group. With several members, scores are relative: each member's have mean 0 over the
   * group.
   */
  Scores score(FeatureBatch group, Places places) {
    List<Discriminator.Scores> each = members.stream().map(m -> m.score(group, places)).toList();
    float[][] totals = each.stream().map(Discriminator.Scores::total).toArray(float[][]::new);
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("global", mean(each.stream().map(Discriminator.Scores::global).toList()));
    parts.put("local", mean(each.stream().map(Discriminator.Scores::local).toList()));
    if (members.get(0).config().residual().isPresent()) {
      parts.put("prior", mean(each.stream().map(Discriminator.Scores::prior).toList()));
    }
    for (int k = 0; k < totals.length && config.several(); k++) {
      parts.put(MEMBER + k, totals[k]);
    }
    return new Scores(
        together(totals, totals),
        parts,
        byMap(each.stream().map(Discriminator.Scores::places).toList()));
  }

  /** Returns logits of places by map, averaged over members; see {@link PlaceScores}. */
  SortedMap<String, float[]> places(FeatureBatch images) {
    return byMap(members.stream().map(member -> member.places(images)).toList());
  }

  private static SortedMap<String, float[]> byMap(List<SortedMap<String, float[]>> each) {
    SortedMap<String, float[]> means = new TreeMap<>();
    for (String map : each.get(0).keySet()) {
      means.put(map, mean(each.stream().map(own -> own.get(map)).toList()));
    }
    return means;
  }

  /** Returns the rewards by each member alone, (K, n). */
  float[][] totals(FeatureBatch images, Places places) {
    return members.stream().map(m -> m.score(images, places).total()).toArray(float[][]::new);
  }

  /**
   * Returns the rewards of images as if they were scored with a group.
   *
   * @param totals rewards of the images by member, (K, n)
   * @param group rewards of the group by member, (K, G)
   */
  float[] together(float[][] totals, float[][] group) {
    return config.several()
        ? MemberScores.aggregated(
            config.aggregate(), MemberScores.standardised(totals, group, deviations))
        : totals[0];
  }

  /**
   * Returns the disagreement of the members; see {@link MemberScores#spread}.
   *
   * @param groups of each group {@link #totals}
   */
  double spread(List<float[][]> groups) {
    return MemberScores.spread(
        groups.stream().map(group -> MemberScores.standardised(group, group, deviations)).toList());
  }

  /**
   * Updates the standard deviations from a step's images. A member whose scores are all equal keeps
   * its last one.
   *
   * @param groups of each group {@link #totals}
   */
  void measure(List<float[][]> groups) {
    float[] measured = MemberScores.deviations(groups);
    for (int k = 0; k < deviations.length; k++) {
      if (measured[k] > 0) {
        deviations[k] = measured[k];
      }
    }
  }

  static float[] mean(List<float[]> members) {
    if (members.size() == 1) {
      return members.get(0);
    }
    float[] mean = new float[members.get(0).length];
    for (int n = 0; n < mean.length; n++) {
      double sum = 0;
      for (float[] own : members) {
        sum += own[n];
      }
      mean[n] = (float) (sum / members.size());
    }
    return mean;
  }

  @Override
  public void close() {
    members.forEach(Discriminator::close);
  }
}
