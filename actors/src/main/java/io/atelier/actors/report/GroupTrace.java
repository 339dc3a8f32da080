package io.atelier.actors.report;

import io.atelier.rollout.GroupId;

/**
 * The timeline of one group. Times are {@link io.atelier.actors.port.Clock#nanos()}; if a group was
 * generated or scored more than once they are those of the last time, the one that counted.
 *
 * @param id the group
 * @param attempt how often it was replaced
 * @param step the step that trained it
 * @param rolloutWorker the worker that generated it
 * @param rewardWorker the worker that scored it
 * @param admitted when it was admitted; it queues from here
 * @param generateStart when its sampling began
 * @param generateEnd when its images were complete
 * @param transferStart when the reward worker requested its images
 * @param transferEnd when they had arrived
 * @param encodeStart when the encoder got them
 * @param encodeEnd when their features were complete; equal to {@code encodeStart} without an
 *     encoder
 * @param scoreEnd when its rewards were complete; it waits from here
 * @param trainStart when the step that trains it began
 * @param trainEnd when that step was done
 */
public record GroupTrace(
    GroupId id,
    int attempt,
    int step,
    String rolloutWorker,
    String rewardWorker,
    long admitted,
    long generateStart,
    long generateEnd,
    long transferStart,
    long transferEnd,
    long encodeStart,
    long encodeEnd,
    long scoreEnd,
    long trainStart,
    long trainEnd) {}
