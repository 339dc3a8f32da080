package io.atelier.actors.run.record;

import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.port.RunListener;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.alarm.AlarmWatch;
import io.atelier.actors.run.alarm.Alarms;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.folder.StateFile;
import io.atelier.actors.run.metrics.EvaluationLine;
import io.atelier.actors.run.metrics.EventFile;
import io.atelier.actors.run.metrics.GroupFile;
import io.atelier.actors.run.metrics.NodeFile;
import io.atelier.actors.run.metrics.StepLine;
import io.atelier.actors.run.metrics.TraceFile;
import io.atelier.actors.run.picture.PictureFolder;
import io.atelier.actors.run.picture.RankedPictures;
import io.atelier.actors.run.picture.ShownImages;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records a run in its folder and shows it on the terminal. Called from one actor at a time; a file
 * that cannot be written fails the run.
 */
public final class RunRecorder implements RunListener {

  private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);

  private final RunFolder folder;
  private final RunFiles files;
  private final RecorderPlan plan;
  private final Clock clock;
  private final Terminal terminal;
  private final RunCheckpoints checkpoints;
  private final JsonLines metrics;
  private final EventFile events;
  private final TraceFile trace;
  private final GroupFile groups;
  private final StateFile state;
  private final EvaluationFiles evaluations;
  private final RankedPictures ranked;
  private final List<Consumer<StepReport>> stepListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<EvaluationReport>> evaluationListeners = new CopyOnWriteArrayList<>();
  private final StepMetrics steps;
  private final LiveReport live;
  private final AlarmWatch alarms;
  private final RunMeters meters;
  private final RunTime time;
  private final CompletableFuture<RunEnd> end = new CompletableFuture<>();
  private final int trained;
  private int done;

  /**
   * Opens the files of a run.
   *
   * @param trained steps trained so far, 0 for a fresh run; later steps are dropped from the files
   * @param page creates {@code report.html}
   */
  public RunRecorder(
      RunFolder folder,
      RecorderPlan plan,
      int trained,
      ReportPage page,
      Clock clock,
      Terminal terminal) {
    this.folder = folder;
    this.files = folder.files();
    this.plan = plan;
    this.clock = clock;
    this.terminal = terminal;
    this.trained = trained;
    this.done = trained;
    try {
      Files.createDirectories(files.images());
    } catch (IOException e) {
      throw new WriteFailedException(files.root(), e);
    }
    this.checkpoints = new RunCheckpoints(folder, plan.keep());
    this.metrics = JsonLines.open(files.metrics(), line -> step(line) <= trained, folder.fence());
    this.events = EventFile.start(files.tensorBoard(), clock, trained + 1);
    this.trace = TraceFile.open(files.trace(), clock, folder.fence());
    this.groups = GroupFile.open(files.groups(), trained, folder.fence());
    this.ranked = new RankedPictures(files, events, folder.fence());
    this.evaluations =
        new EvaluationFiles(
            files,
            plan.measured(),
            events,
            new ShownImages(files, folder.fence(), plan.references()),
            folder.fence(),
            trained);
    if (trained == 0) {
      events.text(0, "config", "    " + checkpoints.config().replace("\n", "\n    "));
    }
    RunCurves curves = RunCurves.read(files); // without what is recorded again
    this.steps = new StepMetrics(plan.compares(), curves);
    this.time = new RunTime(files, clock);
    this.state = StateFile.begin(folder, plan.steps(), trained, clock);
    this.live = new LiveReport(files, page, folder.fence(), clock);
    this.alarms =
        new AlarmWatch(
            curves, plan.lagLimit(), folder.isPaused(), clock, this::onReport, Alarms::of);
    this.meters = new RunMeters(plan.steps(), trained, plan.measured(), alarms::raised);
    terminal.progress(done, plan.steps(), "starting");
  }

  private static int step(Map<String, Object> line) {
    return ((Number) line.get("step")).intValue();
  }

  /** Content hash of the policy of every recorded evaluation, by step. */
  public SortedMap<Integer, String> evaluated() {
    return evaluations.evaluated();
  }

  /** The sink for the run's groups and their traces. */
  public TraceSink trace() {
    return new RecordedGroups(trace, groups, alarms, meters);
  }

  /**
   * The sink for pictures of the run's training images.
   *
   * @param megabytes that they may take, 0 to write no more
   * @param whole number of groups per step of which all images are kept
   */
  public PictureSink pictures(int megabytes, int whole) {
    return new PictureFolder(
        files.pictures(), trained, (long) megabytes << 20, whole, folder.fence());
  }

  /** The metrics of the run, for monitoring. */
  public RunMeters meters() {
    return meters;
  }

  /** Completes when the run is over and everything is written; fails with the first cause. */
  public CompletableFuture<RunEnd> end() {
    return end;
  }

  /** Calls {@code listener} after every step, once it is recorded. */
  public void onStep(Consumer<StepReport> listener) {
    stepListeners.add(listener);
  }

  /** Calls {@code listener} after every evaluation, once it is recorded. */
  public void onEvaluation(Consumer<EvaluationReport> listener) {
    evaluationListeners.add(listener);
  }

  /**
   * Records where the run can be watched.
   *
   * @param url of its page
   */
  public void page(String url) {
    state.page(url);
  }

  @Override
  public void onBeat() {
    state.beat();
    alarms.beat();
    live.beat();
  }

  @Override
  public void onBegun() {
    state.begun();
    alarms.begun();
  }

  @Override
  public void onStopping() {
    state.stopping();
    alarms.stopping();
  }

  @Override
  public void onStep(StepReport report) {
    folder.requireMine();
    done = report.step() + 1;
    double secondsPerStep = time.stepped(report.seconds());
    Map<String, Object> line = steps.line(report, time.elapsed(), clock.epochMillis());
    metrics.append(line);
    events.scalars(done, StepMetrics.curves(line));
    terminal.progress(done, plan.steps(), done < plan.steps() ? "" : "last evaluation, checkpoint");
    terminal.line(StepLine.of(report, done, plan.steps(), secondsPerStep));
    alarms.step(line);
    meters.step(report);
    state.trained(done, secondsPerStep);
    live.changed();
    stepListeners.forEach(listener -> listener.accept(report));
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    folder.requireMine();
    Map<String, Object> line = evaluations.record(report);
    terminal.line(EvaluationLine.of(report, plan.measured()));
    alarms.evaluation(line);
    meters.evaluation(report);
    live.changed();
    evaluationListeners.forEach(listener -> listener.accept(report));
  }

  @Override
  public void onRanked(RankedImages images) {
    folder.requireMine();
    ranked.write(images);
  }

  @Override
  public void onCheckpointDue(StepState state) {
    LOG.info("wrote checkpoint {}", checkpoints.write(state));
  }

  @Override
  public void onReport(String message) {
    LOG.info(message);
    terminal.line(message);
  }

  @Override
  public void onNode(String address, String computing) {
    NodeFile.add(files.nodes(), address, computing, folder.fence());
  }

  @Override
  public void onPause(boolean paused) {
    folder.pause(paused);
    state.paused(paused);
    alarms.paused(paused);
  }

  @Override
  public void onAmended(Amendment amendment) {
    folder.requireMine();
    folder.amend(List.of(amendment));
  }

  @Override
  public void onFinished(RunEnd finished) {
    finish(
        finished.stopped() ? StateFile.State.STOPPED : StateFile.State.FINISHED,
        () -> {
          folder.requireMine();
          RunSummary.of(finished, plan, JsonLines.read(files.evaluations()), time.elapsed())
              .write(files.summary(), plan.measured(), folder.fence());
          return finished;
        });
  }

  /** Whether the run failed. */
  public boolean failed() {
    return end.isCompletedExceptionally();
  }

  @Override
  public void onFailed(Throwable firstCause) {
    LOG.info("the run failed", firstCause); // the caller tells the user
    finish(
        StateFile.State.FAILED,
        () -> {
          throw firstCause instanceof RuntimeException e
              ? e
              : new IllegalStateException(firstCause);
        });
  }

  private void report(String status) {
    folder.requireMine();
    live.end(status);
  }

  /** Closes all files, then completes {@link #end}, even if the disk is full. */
  private void finish(StateFile.State status, Supplier<RunEnd> result) {
    alarms.stopping();
    terminal.done();
    RunEnd value = null;
    Throwable failure = null;
    try {
      value = result.get();
    } catch (RuntimeException e) {
      failure = e;
    }
    for (Runnable last :
        List.<Runnable>of(
            metrics::close,
            events::close,
            trace::close,
            groups::close,
            () -> report(status.text()))) {
      try {
        last.run();
      } catch (RuntimeException e) {
        LOG.error("the run is over, but a file could not be finished", e);
        failure = failure == null ? e : failure;
      }
    }
    state.end(failure == null ? status : StateFile.State.FAILED, Optional.ofNullable(failure));
    if (failure == null) {
      end.complete(value);
    } else {
      end.completeExceptionally(failure);
    }
  }
}
