package io.atelier.actors.config.section;

import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.CreditConfig;
import io.atelier.learner.advantage.CreditMode;
import io.atelier.learner.advantage.GainScale;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceSource;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.CriticTrigger;
import io.atelier.rollout.flow.ForwardTimes;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.Optional;

/** Reads the sections whose records belong to the compute modules. */
public final class ComputeSections {

  private ComputeSections() {}

  /** If the objective trains no steps, none draws noise, and every image has its own start. */
  public static RolloutConfig rollout(Section section, Objective objective) {
    boolean stepped = objective == Objective.GRPO;
    int length = section.integer("trained-steps");
    int from = section.integer("trained-from");
    int to = section.integer("trained-to");
    StepKind kind = section.choice("kernel", StepKind.class);
    // The last step draws no noise. The one before ends at the schedule's lowest level, where CPS
    // draws a hundredth of what it draws elsewhere, and its gradient shrinks with it.
    int untrained = kind == StepKind.CPS ? 2 : 1;
    // With too few steps the window keeps its length, and RolloutConfig refuses it.
    int end = to == 0 ? Math.max(section.integer("steps") - untrained, from + length) : to;
    TrainedWindow window =
        stepped ? section.build(() -> new TrainedWindow(length, from, end)) : TrainedWindow.NONE;
    double noiseLevel = section.decimal("noise-level");
    boolean sharedStart = section.flag("shared-start");
    LatentType latents = section.choice("latents", LatentType.class);
    return section.build(
        () ->
            new RolloutConfig(
                section.integer("group-size"),
                section.integer("chunk"),
                section.integer("height"),
                section.integer("width"),
                section.integer("steps"),
                section.decimal("guidance"),
                stepped ? kind : StepKind.ODE,
                stepped ? noiseLevel : 0,
                window,
                stepped && sharedStart,
                section.flag("merge-adapter"),
                section.integer("decode-batch"),
                section.integer("prompt-cache"),
                stepped ? latents : LatentType.FLOAT32));
  }

  public static CriticConfig critic(Section section) {
    return section.build(
        () ->
            new CriticConfig(
                adam(section),
                section.integer("every"),
                section.choice("trigger", CriticTrigger.class, "own"),
                section.integer("head-steps"),
                section.decimal("global-loss"),
                section.decimal("local-loss"),
                section.integer("places"),
                section.decimal("feature-noise"),
                section.decimal("wrong-prompt"),
                section.decimal("skip-above"),
                section.decimal("own-prompt"),
                section.integer("replay-capacity"),
                section.decimal("replay-share"),
                section.integer("statistics-images"),
                section.choice("loss", CriticLoss.class, "own")));
  }

  /**
   * @param steps denoising steps of an image
   */
  public static PolicyConfig policy(Section section, Objective objective, int steps) {
    Optional<AwmConfig> awm = awm(section.section("awm"), objective, steps);
    return section.build(
        () ->
            new PolicyConfig(
                advantage(section),
                loss(section),
                awm,
                adam(section),
                section.decimal("gradient-norm"),
                section.decimal("average-limit"),
                section.integer("average-interval"),
                section.integer("updates-per-step"),
                section.integer("warmup-updates"),
                section.integer("critic-only-steps"),
                new FlatGroups(
                    section.choice("flat-groups", FlatGroups.Action.class),
                    section.integer("flat-replacements")),
                section.choice("gradient-checkpointing", GradientCheckpointing.class)));
  }

  private static AdvantageConfig advantage(Section learner) {
    CreditConfig credit = credit(learner.section("credit").section("steps"));
    Section section = learner.section("advantage");
    return section.build(
        () ->
            new AdvantageConfig(
                section.choice("weighting", Weighting.class),
                section.choice("spread", Spread.class),
                section.decimal("limit"),
                credit));
  }

  private static CreditConfig credit(Section section) {
    return section.build(
        () ->
            new CreditConfig(
                section.choice("mode", CreditMode.class),
                section.decimal("alpha"),
                section.choice("normalise", GainScale.class)));
  }

  private static LossConfig loss(Section section) {
    return section.build(
        () ->
            new LossConfig(
                new Clip(section.decimal("clip-low"), section.decimal("clip-high")),
                section.choice("kl", KlPenalty.class),
                section.decimal("kl-weight"),
                section.flag("guard"),
                section.choice("staleness", Staleness.class),
                section.decimal("staleness-cap"),
                places(section.section("credit").section("places"))));
  }

  private static PlaceConfig places(Section section) {
    return section.build(
        () ->
            new PlaceConfig(section.choice("source", PlaceSource.class), section.decimal("alpha")));
  }

  /** Values that the objective does not use need not fit. */
  private static Optional<AwmConfig> awm(Section section, Objective objective, int steps) {
    int count = section.integer("times");
    int from = section.integer("from");
    int to = section.integer("to");
    double power = section.decimal("power");
    double timePower = section.decimal("time-power");
    double low = section.decimal("clip-low");
    double high = section.decimal("clip-high");
    double klWeight = section.decimal("kl-weight");
    if (objective != Objective.AWM) {
      return Optional.empty();
    }
    int end = to == 0 ? steps - 1 : to;
    return Optional.of(
        section.build(
            () ->
                new AwmConfig(
                    new ForwardTimes(count, from, end),
                    power,
                    timePower,
                    new Clip(low, high),
                    klWeight)));
  }

  private static AdamConfig adam(Section section) {
    return section.build(
        () ->
            new AdamConfig(
                section.decimal("learning-rate"),
                section.decimal("beta1"),
                section.decimal("beta2"),
                section.decimal("epsilon"),
                section.decimal("weight-decay")));
  }
}
