package io.atelier.actors.report;

import io.atelier.rollout.GroupId;

/**
 * The way of one group through a run. Times are {@link io.atelier.actors.port.Clock#nanos()}; when
 * a group was generated or scored more than once they are those of the last time, the one that
 * counted.
 *
 * @param id the group
 * @param attempt how often it was replaced
 * @param step the step that trained it
 * @param rolloutWorker who generated it
 * @param rewardWorker who scored it
 * @param admitted when it was admitted; it queues from here
 * @param generateStart when its sampling began
 * @param generateEnd when its images were there
 * @param transferStart when its images were asked for by who scored it
 * @param transferEnd when they were there
 * @param encodeStart when the encoder got them
 * @param encodeEnd when their features were there; the same without an encoder
 * @param scoreEnd when its rewards were there; it waits from here
 * @param trainStart when the step that takes it began
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
