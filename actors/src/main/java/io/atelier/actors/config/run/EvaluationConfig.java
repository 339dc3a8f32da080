package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.Section;
import io.atelier.rollout.noise.GroupNoise;

/**
 * When and on what the policy is measured, apart from its reward.
 *
 * @param every steps between two evaluations, at least 1; the first and the last version always
 *     have one; 0 for none at all
 * @param prompts prompts that are drawn, at least 2
 * @param groupSize images of each prompt, at least 2, so that their diversity can be measured
 * @param steps denoising steps of each image, at least 1
 * @param guidance guidance scale, at least 1
 * @param shown images of the grid that is written beside the figures, at least 1
 * @param seed decides the images; the same for every run that is to be compared
 * @param encoder that images are measured with
 */
public record EvaluationConfig(
    int every,
    int prompts,
    int groupSize,
    int steps,
    double guidance,
    int shown,
    long seed,
    EncoderChoice encoder) {

  public EvaluationConfig {
    require(every >= 0, "every is %d, must not be negative", every);
    require(prompts >= 2, "prompts is %d, must be at least 2", prompts);
    require(
        groupSize >= 2 && groupSize <= GroupNoise.SAMPLES_MAX,
        "group-size is %d, must be 2 to %d",
        groupSize,
        GroupNoise.SAMPLES_MAX);
    require(
        steps >= 1 && steps <= GroupNoise.DENOISING_STEPS_MAX,
        "steps is %d, must be 1 to %d",
        steps,
        GroupNoise.DENOISING_STEPS_MAX);
    require(guidance >= 1, "guidance is %s, must be at least 1", guidance);
    require(
        shown >= 1 && shown <= prompts,
        "shown is %d, must be between 1 and evaluation.prompts, which is %d",
        shown,
        prompts);
  }

  public static EvaluationConfig from(Section section) {
    EncoderChoice encoder = EncoderChoice.from(section);
    return section.build(
        () ->
            new EvaluationConfig(
                section.integer("every"),
                section.integer("prompts"),
                section.integer("group-size"),
                section.integer("steps"),
                section.decimal("guidance"),
                section.integer("shown"),
                section.seed("seed"),
                encoder));
  }
}
