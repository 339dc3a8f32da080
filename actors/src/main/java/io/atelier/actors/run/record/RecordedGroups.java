package io.atelier.actors.run.record;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.alarm.AlarmWatch;
import io.atelier.actors.run.metrics.GroupFile;
import io.atelier.actors.run.metrics.TraceFile;

/**
 * Records the groups of a run. Called by a different actor than {@link RunRecorder}, with which it
 * shares alarms and meters.
 */
record RecordedGroups(TraceFile trace, GroupFile groups, AlarmWatch alarms, RunMeters meters)
    implements TraceSink {

  @Override
  public void group(TrainedGroup group) {
    trace.group(group);
    groups.add(group);
    alarms.group(group);
    meters.group(group);
  }

  @Override
  public void loaded(String worker, Span span) {
    trace.loaded(worker, span);
  }
}
