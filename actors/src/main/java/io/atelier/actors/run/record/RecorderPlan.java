package io.atelier.actors.run.record;

import io.atelier.actors.run.alarm.Alarms;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.atelier.actors.run.picture.ShownImages;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * What the recorder must know about a run.
 *
 * @param steps steps of the whole run
 * @param groupSize images of a group
 * @param updatesPerStep optimizer updates of a step
 * @param keep number of checkpoints to keep
 * @param compares whether images are compared within their group, so that nothing is learned from a
 *     group with a single reward
 * @param lagLimit as in {@link Alarms.Course}
 * @param measured the prompts that the policy is measured on
 * @param references the own reference images of a prompt that is measured on, {@link
 *     ShownImages#REFERENCES} at most
 */
public record RecorderPlan(
    int steps,
    int groupSize,
    int updatesPerStep,
    int keep,
    boolean compares,
    OptionalInt lagLimit,
    MeasuredPrompts measured,
    Function<Prompt, List<Images>> references) {}
