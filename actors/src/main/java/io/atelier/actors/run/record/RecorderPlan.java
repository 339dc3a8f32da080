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
 * What the recorder must know of a run.
 *
 * @param steps steps of the whole run
 * @param groupSize images of a group
 * @param updatesPerStep optimizer updates of a step
 * @param keep checkpoints that stay
 * @param compares whether images learn from what others of their group got, so that a group with
 *     one reward teaches nothing
 * @param lagLimit as {@link Alarms.Course} has it
 * @param measured what the policy is measured on
 * @param references of a prompt that is measured on its own reference images, {@link
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
