package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.DiscriminatorLearner.Gradient;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
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

/**
 * Learns the discriminator from every generated group and as many references. Each update takes up
 * to {@link CriticConfig#headSteps} optimizer steps on the groups of one learner step, none where
 * {@link CriticConfig#every}, {@link CriticConfig#trigger} or {@link CriticConfig#skipAbove} say
 * so. Measurements:
 *
 * <ul>
 *   <li>{@code critic/accuracy}, {@code critic/auc}, {@code critic/margin}, {@code critic/real},
 *       {@code critic/fake}: of whole images, or where {@link CriticConfig#globalLoss} is 0 of all
 *       of their places, on the step's groups before the head has learned from them and on as many
 *       references; without noise on features and without images shown again
 *   <li>{@code critic/reward-reference}: mean reward of the same references, before augmentation,
 *       scored as a group is. The head is that before this step's update: with {@code critic-lag} 0
 *       the one that scored the groups
 *   <li>{@code critic/pair-accuracy}: chance that such a reference has a higher reward than a
 *       generated image of its group, ties counted half; not with augmentation, which leaves no
 *       generated image as it was scored
 *   <li>{@code critic/loss}: of the first head step, with noise and images shown again; NaN where
 *       none was taken
 *   <li>{@code critic/head-steps}: optimizer steps taken
 *   <li>{@code critic/replayed}: images shown again
 *   <li>with a prior, which then is in all of the above: what {@link ResidualReport} has, of the
 *       same logits
 * </ul>
 */
public final class DiscriminatorCritic implements Critic {

  private static final String ADAM = "adam.";
  private static final String REPLAY = "replay.";

  // Streams of one step: the place where others have the denoising step. ReferenceDraw has some.
  private static final int HEAD_STEP = 0;
  static final int AUGMENTATION = 1;
  private static final int REPLAYED = 2;
  static final int WRONG_PROMPT = 3;
  static final int KEPT = 4;

  private final CriticConfig config;
  private final DiscriminatorConfig view;
  private final GroupNoise noise;
  private final Encoder encoder;
  private final ReferenceDraw references;
  private final Replay replay;
  private Optional<DiscriminatorLearner> learner = Optional.empty();

  /**
   * @param view what the discriminator sees; the scorer's
   * @param seed the run's seed
   * @param encoder the scorer's kind of encoder; taken over
   * @param prompts vectors of prompts, if the head sees them
   * @param prior if {@code view} names one
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
    this.view = view;
    this.noise = new GroupNoise(seed);
    this.encoder = encoder;
    this.references = new ReferenceDraw(config, view, noise, encoder, references, prompts, prior);
    this.replay = new Replay(config.replayCapacity());
  }

  /** The head, a fresh one unless another was restored: that one has seen many references. */
  private DiscriminatorLearner learner() {
    if (learner.isEmpty()) {
      RandomStream random = noise.stream(Purpose.CRITIC_START, 0);
      boolean measured = view.normalise() == Normalise.STANDARD || view.residual().isPresent();
      int count = measured ? config.statisticsImages() : 1;
      NamedTensors sample = references.sample(count, random);
      learner =
          Optional.of(new DiscriminatorLearner(config, Discriminator.create(view, sample, random)));
    }
    return learner.get();
  }

  @Override
  public Map<String, Double> update(int step, List<GroupFeatures> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("critic update of step %d has no groups".formatted(step));
    }
    FeatureBatch fresh = FeatureBatch.concat(groups.stream().map(this::generated).toList());
    ReferenceDraw.Drawn drawn = references.draw(step, groups);
    FeatureBatch real = drawn.batch();
    List<FeatureBatch> shown = new ArrayList<>(List.of(fresh));
    int again = (int) Math.round(config.replayShare() * fresh.count());
    shown.addAll(replay.draw(again, stream(step, 0, REPLAYED)));
    FeatureBatch fake = FeatureBatch.concat(shown);
    Discriminator head = learner().discriminator();
    Map<String, Double> report = new LinkedHashMap<>();
    Health health = health(head, real, fresh);
    report(health, report);
    if (view.residual().isPresent()) {
      ResidualReport.of(sides(head, real), sides(head, fresh)).addTo(report);
    }
    reportRewards(head, groups, drawn.unchanged(), report);
    report.put("critic/loss", Double.NaN);
    int taken = 0;
    while (taken < config.headSteps() && learns(step, health)) {
      RandomStream random = stream(step, taken, HEAD_STEP);
      Places places = config.places() == 0 ? Places.every() : Places.drawn(config.places(), random);
      Gradient gradient =
          learner().gradient(new Side(real, places), new Side(fake, places), drawn.wrong(), random);
      if (taken == 0) {
        report.put("critic/loss", gradient.loss());
      }
      learner().apply(gradient);
      taken++;
      if (changesItsMind() && taken < config.headSteps()) {
        health = health(head, real, fresh);
      }
    }
    if (config.replayCapacity() > 0) {
      replay.add(fresh);
    }
    report.put("critic/head-steps", (double) taken);
    report.put("critic/replayed", (double) (fake.count() - fresh.count()));
    return report;
  }

  private boolean learns(int step, Health health) {
    return config.isDue(step)
        && health.accuracy() <= config.skipAbove()
        && trigger().fires(health.meanReal(), health.meanFake());
  }

  /** Whether what has been learned may end the head steps of a learner step. */
  private boolean changesItsMind() {
    return config.skipAbove() < 1 || trigger() != CriticTrigger.ALWAYS;
  }

  private CriticTrigger trigger() {
    return config.trigger().orElse(CriticTrigger.ALWAYS);
  }

  /** By that to which the loss of whole images teaches nothing it would be noise. */
  private Health health(Discriminator head, FeatureBatch real, FeatureBatch fake) {
    return config.globalLoss() > 0 ? head.health(real, fake) : head.localHealth(real, fake);
  }

  /** Of the same logits. */
  private ResidualLoss.Side sides(Discriminator head, FeatureBatch batch) {
    return config.globalLoss() > 0 ? head.whole(batch) : head.local(batch);
  }

  private static void report(Health health, Map<String, Double> report) {
    report.put("critic/accuracy", health.accuracy());
    report.put("critic/auc", health.auc());
    report.put("critic/margin", health.margin());
    report.put("critic/real", health.meanReal());
    report.put("critic/fake", health.meanFake());
  }

  /** What the head gives to each group's references, and whether it likes its images less. */
  private void reportRewards(
      Discriminator head,
      List<GroupFeatures> groups,
      List<FeatureBatch> references,
      Map<String, Double> report) {
    boolean pairs = !view.augmentation().active();
    double sum = 0;
    double wins = 0;
    int count = 0;
    for (int i = 0; i < groups.size(); i++) {
      GroupFeatures group = groups.get(i);
      float[] real = rewards(head, references.get(i), group);
      for (float reward : real) {
        sum += reward;
        count++;
      }
      if (pairs) {
        wins += real.length * Health.of(real, rewards(head, generated(group), group)).auc();
      }
    }
    report.put("critic/reward-reference", sum / count);
    if (pairs) {
      report.put("critic/pair-accuracy", wins / count);
    }
  }

  /** Rewards by the places by which a group was scored. */
  private float[] rewards(Discriminator head, FeatureBatch images, GroupFeatures group) {
    return head.score(images, Places.scored(view, noise, group.id())).total();
  }

  private RandomStream stream(int step, int index, int kind) {
    return noise.stream(Purpose.CRITIC_UPDATE, new GroupId(step, 0), index, kind);
  }

  private FeatureBatch generated(GroupFeatures group) {
    int[] same = new int[FeatureBatch.count(group)];
    Arrays.fill(same, group.prompt().index());
    return new FeatureBatch(same.length, group.features(), references.vectors(same));
  }

  @Override
  public NamedTensors weights() {
    return learner().discriminator().weights();
  }

  @Override
  public NamedTensors state() {
    SortedMap<String, Tensor> state = new TreeMap<>(weights().asMap());
    learner().optimizer().asMap().forEach((name, tensor) -> state.put(ADAM + name, tensor));
    replay.state().forEach((name, tensor) -> state.put(REPLAY + name, tensor));
    return new NamedTensors(state);
  }

  @Override
  public void restore(NamedTensors state) {
    DiscriminatorLearner restored = new DiscriminatorLearner(config, Discriminator.of(view, state));
    restored.restoreOptimizer(state.part(ADAM));
    learner.ifPresent(before -> before.discriminator().close());
    learner = Optional.of(restored);
    replay.restore(state.part(REPLAY));
  }

  @Override
  public void close() {
    learner.ifPresent(own -> own.discriminator().close());
    references.close();
    encoder.close();
  }
}
