package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.DiscriminatorLearner.Gradient;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One head of a {@link DiscriminatorCritic} and its training. With several members, each draws
 * noise and places from its own streams, and is trained only on the references in its bag: each
 * reference is in it with probability {@link EnsembleConfig#bootstrap}, decided once per run
 * (bagging, Breiman 1996, but drawn without replacement).
 */
final class Member {

  /** Report of a member that is not trained in a step. */
  static final Map<String, Double> NOTHING_LEARNED =
      Map.of("critic/loss", Double.NaN, "critic/head-steps", 0.0);

  private static final String ADAM = "adam.";

  private final CriticConfig config;
  private final EnsembleConfig ensemble;
  private final int place;
  private final GroupNoise noise;
  private final DiscriminatorLearner learner;

  /**
   * @param place index k of the member
   * @param noise the member's own noise; see {@link #seed}
   * @param discriminator closed by its owner
   */
  Member(CriticConfig config, int place, GroupNoise noise, Discriminator discriminator) {
    this.config = config;
    this.ensemble = discriminator.config().ensemble();
    this.place = place;
    this.noise = noise;
    this.learner = new DiscriminatorLearner(config, discriminator);
  }

  /**
   * Returns the seed of member k: for the first the critic's, so that it draws as a single head
   * would.
   */
  static long seed(long seed, int k) {
    return seed ^ k * 0x9E3779B97F4A7C15L; // bits of the golden ratio: all seeds differ
  }

  /** Returns the drawn references that are in its bag; empty if there are none. */
  Optional<ReferenceDraw.Drawn> bag(ReferenceDraw.Drawn drawn) {
    if (!ensemble.several()) {
      return Optional.of(drawn);
    }
    int[] places = drawn.places();
    int[] own = IntStream.range(0, places.length).filter(i -> isInBag(places[i])).toArray();
    return own.length == 0 ? Optional.empty() : Optional.of(drawn.select(own));
  }

  /**
   * @param reference index in the set of references
   */
  private boolean isInBag(int reference) {
    RandomStream random =
        noise.stream(Purpose.CRITIC_START, new GroupId(reference, 0), 0, DiscriminatorCritic.BAG);
    return random.nextUniform() < ensemble.bootstrap();
  }

  /**
   * Training data of a step, and how well the member separates it before training.
   *
   * @param drawn references of its bag
   * @param fresh the step's images
   */
  record Lesson(ReferenceDraw.Drawn drawn, FeatureBatch fresh, Health health) {}

  /**
   * Returns the drawn references in its bag and the step's images; empty if its bag has no
   * reference of the step.
   */
  Optional<Lesson> lesson(ReferenceDraw.Drawn drawn, FeatureBatch fresh) {
    return bag(drawn).map(own -> new Lesson(own, fresh, health(own.batch(), fresh)));
  }

  /** Returns measurements before training on the step. */
  Map<String, Double> measured(Lesson lesson) {
    Map<String, Double> report = new LinkedHashMap<>();
    Health health = lesson.health();
    report.put("critic/accuracy", health.accuracy());
    report.put("critic/auc", health.auc());
    report.put("critic/margin", health.margin());
    report.put("critic/real", health.meanReal());
    report.put("critic/fake", health.meanFake());
    if (discriminator().config().residual().isPresent()) {
      ResidualReport.of(sides(lesson.drawn().batch()), sides(lesson.fresh())).addTo(report);
    }
    return report;
  }

  /**
   * Takes up to {@link CriticConfig#headSteps} optimizer steps.
   *
   * @param fake the step's images and the replayed ones
   * @return steps taken, and the loss of the first; NaN if none was taken
   */
  Map<String, Double> learn(int step, Lesson lesson, FeatureBatch fake) {
    Map<String, Double> report = new LinkedHashMap<>();
    report.put("critic/loss", Double.NaN);
    FeatureBatch real = lesson.drawn().batch();
    int taken = 0;
    boolean learns = learns(lesson.health());
    while (learns && taken < config.headSteps()) {
      RandomStream random =
          noise.stream(
              Purpose.CRITIC_UPDATE, new GroupId(step, 0), taken, DiscriminatorCritic.HEAD_STEP);
      Places places = config.places() == 0 ? Places.every() : Places.drawn(config.places(), random);
      Gradient gradient =
          learner.gradient(
              new Side(real, places), new Side(fake, places), lesson.drawn().wrong(), random);
      if (taken == 0) {
        report.put("critic/loss", gradient.loss());
      }
      learner.apply(gradient);
      taken++;
      if (changesItsMind() && taken < config.headSteps()) {
        learns = learns(health(real, lesson.fresh()));
      }
    }
    report.put("critic/head-steps", (double) taken);
    return report;
  }

  private boolean learns(Health health) {
    return health.accuracy() <= config.skipAbove()
        && trigger().fires(health.meanReal(), health.meanFake());
  }

  /** Whether the head steps of a learner step may stop early. */
  private boolean changesItsMind() {
    return config.skipAbove() < 1 || trigger() != CriticTrigger.ALWAYS;
  }

  private CriticTrigger trigger() {
    return config.trigger().orElse(CriticTrigger.ALWAYS);
  }

  /**
   * Measures global logits, or local ones if the global loss is 0: untrained global logits are
   * noise.
   */
  private Health health(FeatureBatch real, FeatureBatch fake) {
    return config.globalLoss() > 0
        ? discriminator().health(real, fake)
        : discriminator().localHealth(real, fake);
  }

  /** Returns prior and logits, of the same kind as {@link #health}. */
  private ResidualLoss.Side sides(FeatureBatch batch) {
    return config.globalLoss() > 0 ? discriminator().whole(batch) : discriminator().local(batch);
  }

  private Discriminator discriminator() {
    return learner.discriminator();
  }

  /** Returns the optimizer's state; the weights are in that of the ensemble. */
  SortedMap<String, Tensor> state() {
    SortedMap<String, Tensor> state = new TreeMap<>();
    String prefix = Ensemble.prefix(ensemble, place) + ADAM;
    learner.optimizer().asMap().forEach((name, tensor) -> state.put(prefix + name, tensor));
    return state;
  }

  /**
   * @param state state of the critic
   */
  void restore(NamedTensors state) {
    learner.restoreOptimizer(Ensemble.part(ensemble, state, place).part(ADAM));
  }
}
