package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.metrics.Correlation;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Trains the discriminator on every generated group and as many references. Each update takes up to
 * {@link CriticConfig#headSteps} optimizer steps on the groups of one learner step, or none, as
 * {@link CriticConfig#every}, {@link CriticConfig#trigger} and {@link CriticConfig#skipAbove} say.
 * Measurements:
 *
 * <ul>
 *   <li>{@code critic/accuracy}, {@code critic/auc}, {@code critic/margin}, {@code critic/real},
 *       {@code critic/fake}: of whole images, or of all their places if {@link
 *       CriticConfig#globalLoss} is 0, on the step's groups before the head is trained on them and
 *       on as many references; without feature noise and replayed images
 *   <li>{@code critic/reward-reference}: mean reward of the same references, before augmentation,
 *       scored as a group is. The head is that before this step's update: with {@code critic-lag}
 *       0, the one that scored the groups
 *   <li>{@code critic/pair-accuracy}: probability that such a reference has a higher reward than a
 *       generated image of its group, ties counted half; absent with augmentation, which changes
 *       the images after scoring
 *   <li>{@code critic/loss}: of the first head step, with noise and replayed images; NaN if none
 *       was taken
 *   <li>{@code critic/head-steps}: optimizer steps taken
 *   <li>{@code critic/replayed}: replayed images
 *   <li>with a prior, which then enters all of the above: the measurements of {@link
 *       ResidualReport}, of the same logits
 * </ul>
 *
 * <p>Several members ({@link EnsembleConfig}) are trained side by side on one draw of references
 * and one pass of the encoder. Rewards are then those of the ensemble, and other measurements are
 * means over the members that have them. Measured on the step's images before training on them:
 *
 * <ul>
 *   <li>{@code critic/member-spread}: mean over images of the standard deviation of the members'
 *       scores, in units of each member's own standard deviation
 *   <li>{@code critic/member-agreement}: mean correlation of two members within a group, see {@link
 *       Correlation#agreement}; NaN if no member separates the images of a group
 * </ul>
 */
public final class DiscriminatorCritic implements Critic {

  private static final String REPLAY = "replay.";

  // Random streams of one step, by the index that elsewhere is the denoising step. ReferenceDraw
  // uses some.
  static final int HEAD_STEP = 0;
  static final int AUGMENTATION = 1;
  private static final int REPLAYED = 2;
  static final int WRONG_PROMPT = 3;
  static final int KEPT = 4;
  static final int BAG = 5;

  private final CriticConfig config;
  private int every;
  private final DiscriminatorConfig view;
  private final long seed;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final ReferenceDraw references;
  private final Replay replay;
  private Optional<Taught> taught = Optional.empty();

  /**
   * @param view settings of the discriminator; the same as the scorer's
   * @param seed the run's seed
   * @param encoder an encoder like the scorer's; closed with this
   * @param prompts vectors of prompts, if the head sees them
   * @param prior prior, if {@code view} names one
   */
  DiscriminatorCritic(
      CriticConfig config,
      DiscriminatorConfig view,
      long seed,
      Encoder encoder,
      References references,
      PromptVectors prompts,
      Optional<Prior> prior) {
    this.config = config;
    this.every = config.every();
    this.view = view;
    this.seed = seed;
    this.noise = new GroupNoise(seed);
    this.encoder = encoder;
    this.references = new ReferenceDraw(config, view, noise, encoder, references, prompts, prior);
    this.replay = new Replay(config.replayCapacity());
  }

  /**
   * The heads and their learners.
   *
   * @param ensemble the heads
   * @param members the learner of each
   */
  private record Taught(Ensemble ensemble, List<Member> members) {}

  /**
   * Returns the restored heads, or creates fresh ones; their statistics come from many references.
   */
  private Taught taught() {
    if (taught.isEmpty()) {
      boolean measured = view.normalise() == Normalise.STANDARD || view.residual().isPresent();
      RandomStream random = noise.stream(Purpose.CRITIC_START, 0);
      NamedTensors sample = references.sample(measured ? config.statisticsImages() : 1, random);
      List<Discriminator> heads =
          new ArrayList<>(List.of(Discriminator.create(view, sample, random)));
      for (int k = 1; k < view.ensemble().members(); k++) {
        heads.add(Discriminator.create(view, sample, noise(k).stream(Purpose.CRITIC_START, 0)));
      }
      taught = Optional.of(taught(Ensemble.untrained(view.ensemble(), heads)));
    }
    return taught.get();
  }

  private Taught taught(Ensemble ensemble) {
    List<Member> members = new ArrayList<>();
    for (int k = 0; k < view.ensemble().members(); k++) {
      members.add(new Member(config, k, noise(k), ensemble.member(k)));
    }
    return new Taught(ensemble, members);
  }

  /** Returns the noise of member k. */
  private GroupNoise noise(int k) {
    return new GroupNoise(Member.seed(seed, k));
  }

  @Override
  public void every(int steps) {
    every = steps;
  }

  @Override
  public Map<String, Double> update(int step, List<GroupFeatures> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("critic update of step %d has no groups".formatted(step));
    }
    List<FeatureBatch> images = groups.stream().map(this::generated).toList();
    FeatureBatch fresh = FeatureBatch.concat(images);
    ReferenceDraw.Drawn drawn = references.draw(step, groups);
    List<FeatureBatch> shown = new ArrayList<>(List.of(fresh));
    int again = (int) Math.round(config.replayShare() * fresh.count());
    shown.addAll(
        replay.draw(again, noise.stream(Purpose.CRITIC_UPDATE, new GroupId(step, 0), 0, REPLAYED)));
    FeatureBatch fake = FeatureBatch.concat(shown);
    Ensemble ensemble = taught().ensemble();
    List<Optional<Member.Lesson>> lessons =
        taught().members().stream().map(member -> member.lesson(drawn, fresh)).toList();
    MemberReports reports = new MemberReports();
    for (int k = 0; k < lessons.size(); k++) {
      Member member = taught().members().get(k);
      lessons.get(k).ifPresent(lesson -> reports.add(member.measured(lesson)));
    }
    Map<String, Double> report = new LinkedHashMap<>();
    reportRewards(ensemble, groups, images, drawn.unchanged(), report);
    for (int k = 0; k < lessons.size(); k++) {
      Member member = taught().members().get(k);
      reports.add(
          lessons
              .get(k)
              .filter(lesson -> step % every == 0)
              .map(lesson -> member.learn(step, lesson, fake))
              .orElse(Member.NOTHING_LEARNED));
    }
    if (view.ensemble().several()) {
      ensemble.measure(totals(ensemble, groups, images));
    }
    if (config.replayCapacity() > 0) {
      replay.add(fresh);
    }
    report.putAll(reports.means());
    report.put("critic/replayed", (double) (fake.count() - fresh.count()));
    return report;
  }

  /**
   * Reports the rewards of each group's references, and how often they exceed those of its images.
   */
  private void reportRewards(
      Ensemble ensemble,
      List<GroupFeatures> groups,
      List<FeatureBatch> images,
      List<FeatureBatch> references,
      Map<String, Double> report) {
    boolean pairs = !view.augmentation().active();
    List<float[][]> generated = totals(ensemble, groups, images);
    double sum = 0;
    double wins = 0;
    int count = 0;
    for (int i = 0; i < groups.size(); i++) {
      float[][] group = generated.get(i);
      float[][] own = ensemble.totals(references.get(i), places(groups.get(i)));
      float[] real = ensemble.together(own, group);
      for (float reward : real) {
        sum += reward;
        count++;
      }
      wins += real.length * Health.of(real, ensemble.together(group, group)).auc();
    }
    report.put("critic/reward-reference", sum / count);
    if (pairs) {
      report.put("critic/pair-accuracy", wins / count);
    }
    if (view.ensemble().several()) {
      report.put("critic/member-spread", ensemble.spread(generated));
      report.put("critic/member-agreement", MemberScores.agreement(generated).orElse(Double.NaN));
    }
  }

  /** Returns the rewards of each group's images by each member alone. */
  private List<float[][]> totals(
      Ensemble ensemble, List<GroupFeatures> groups, List<FeatureBatch> images) {
    return IntStream.range(0, groups.size())
        .mapToObj(i -> ensemble.totals(images.get(i), places(groups.get(i))))
        .toList();
  }

  /** Returns the places by which a group was scored. */
  private Places places(GroupFeatures group) {
    return Places.scored(view, noise, group.id());
  }

  private FeatureBatch generated(GroupFeatures group) {
    int[] same = new int[FeatureBatch.count(group)];
    Arrays.fill(same, group.prompt().index());
    return new FeatureBatch(same.length, group.features(), references.vectors(same));
  }

  @Override
  public NamedTensors weights() {
    return taught().ensemble().weights();
  }

  @Override
  public NamedTensors state() {
    SortedMap<String, Tensor> state = new TreeMap<>(weights().asMap());
    taught().members().forEach(member -> state.putAll(member.state()));
    replay.state().forEach((name, tensor) -> state.put(REPLAY + name, tensor));
    return new NamedTensors(state);
  }

  @Override
  public void restore(NamedTensors state) {
    Ensemble ensemble = Ensemble.of(view, state);
    Taught restored = taught(ensemble);
    restored.members().forEach(member -> member.restore(state));
    taught.ifPresent(before -> before.ensemble().close());
    taught = Optional.of(restored);
    replay.restore(state.part(REPLAY));
  }

  @Override
  public void close() {
    taught.ifPresent(own -> own.ensemble().close());
    references.close();
    encoder.close();
  }
}
