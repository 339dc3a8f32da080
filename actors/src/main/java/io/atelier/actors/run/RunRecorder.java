package io.atelier.actors.run;

import io.atelier.actors.ledger.Amendment;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.port.RunListener;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a run does into its folder and shows it on the terminal. Called from one actor at a
 * time; a file that cannot be written fails the run.
 */
public final class RunRecorder implements RunListener {

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
  public record Plan(
      int steps,
      int groupSize,
      int updatesPerStep,
      int keep,
      boolean compares,
      OptionalInt lagLimit,
      MeasuredPrompts measured,
      Function<Prompt, List<Images>> references) {}

  private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);

  /** How much of the mean time of a step stays when another is done. */
  private static final double PACE = 0.8;

  /** Of an evaluation, 1 where {@link Hacking.Herding} is, else 0. */
  private static final String HERDING = "herding";

  private final RunFolder folder;
  private final RunFiles files;
  private final Plan plan;
  private final Clock clock;
  private final Terminal terminal;
  private final String config;
  private final Optional<byte[]> identity;
  private final CheckpointStore checkpoints;
  private final JsonLines metrics;
  private final EventFile events;
  private final TraceFile trace;
  private final GroupFile groups;
  private final StateFile state;
  private final ShownImages shown;
  private final List<Consumer<StepReport>> stepListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<EvaluationReport>> evaluationListeners = new CopyOnWriteArrayList<>();
  private final FlatGroups flat = new FlatGroups();
  private final LiveReport live;
  private final AlarmWatch alarms;
  private final RunMeters meters;
  private final CompletableFuture<RunEnd> end = new CompletableFuture<>();
  private final int trained;
  private final double elapsedBefore;
  private final long startNanos;
  private double secondsPerStep;
  private int done;

  /**
   * Opens the files of a run.
   *
   * @param trained steps trained before, 0 for a fresh run; what the files say of later steps is
   *     dropped
   * @param page makes {@code report.html}
   */
  public RunRecorder(
      RunFolder folder, Plan plan, int trained, ReportPage page, Clock clock, Terminal terminal) {
    this.folder = folder;
    this.files = folder.files();
    this.plan = plan;
    this.clock = clock;
    this.terminal = terminal;
    this.trained = trained;
    this.done = trained;
    this.config = new String(Storage.bytes(files.config()), StandardCharsets.UTF_8);
    this.identity =
        Files.notExists(files.identity())
            ? Optional.empty()
            : Optional.of(Storage.bytes(files.identity()));
    try {
      Files.createDirectories(files.images());
    } catch (IOException e) {
      throw new WriteFailedException(files.root(), e);
    }
    this.checkpoints =
        new CheckpointStore(
            files.checkpoints(), plan.keep(), folder.epoch(), path -> folder.requireMine());
    this.metrics = JsonLines.open(files.metrics(), line -> step(line) <= trained, folder.fence());
    this.events = EventFile.start(files.tensorBoard(), clock, trained + 1);
    this.trace = TraceFile.open(files.trace(), clock, folder.fence());
    this.groups = GroupFile.open(files.groups(), trained, folder.fence());
    this.shown = new ShownImages(files, folder.fence(), plan.references());
    dropEvaluations(step -> step <= trained);
    shown.drop(step -> step <= trained);
    if (trained == 0) {
      events.text(0, "config", "    " + config.replace("\n", "\n    "));
    }
    this.elapsedBefore =
        JsonLines.read(files.metrics()).stream()
            .mapToDouble(line -> ((Number) line.get("elapsed")).doubleValue())
            .max()
            .orElse(0);
    this.startNanos = clock.nanos();
    this.state = StateFile.begin(folder, plan.steps(), trained, clock);
    this.live = new LiveReport(files, page, folder.fence(), clock);
    this.alarms =
        new AlarmWatch(
            RunCurves.read(files),
            plan.lagLimit(),
            folder.isPaused(),
            clock,
            this::onReport,
            Alarms::of);
    this.meters = new RunMeters(plan.steps(), trained, plan.measured(), alarms::raised);
    terminal.progress(done, plan.steps(), "starting");
  }

  private static int step(Map<String, Object> line) {
    return ((Number) line.get("step")).intValue();
  }

  private void dropEvaluations(IntPredicate keep) {
    JsonLines.open(files.evaluations(), line -> keep.test(step(line)), folder.fence()).close();
  }

  /** Content hash of the policy of every evaluation that is recorded, by step. */
  public SortedMap<Integer, String> evaluated() {
    SortedMap<Integer, String> hashes = new TreeMap<>();
    JsonLines.read(files.evaluations())
        .forEach(line -> hashes.put(step(line), String.valueOf(line.get("policyHash"))));
    return hashes;
  }

  /** Where the run's groups and their traces go. */
  public TraceSink trace() {
    return new TraceSink() {
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
    };
  }

  /**
   * Where pictures of the run's training images go.
   *
   * @param megabytes that they may take, 0 where no more are made
   * @param whole groups of a step of which all images are kept
   */
  public PictureSink pictures(int megabytes, int whole) {
    return new PictureFolder(
        files.pictures(), trained, (long) megabytes << 20, whole, folder.fence());
  }

  /** Figures of the run for whoever watches it. */
  public RunMeters meters() {
    return meters;
  }

  /** Completes when the run is over and all is written; fails with the first cause. */
  public CompletableFuture<RunEnd> end() {
    return end;
  }

  /** Calls {@code listener} after every step, when it is recorded. */
  public void onStep(Consumer<StepReport> listener) {
    stepListeners.add(listener);
  }

  /** Calls {@code listener} after every evaluation, when it is recorded. */
  public void onEvaluation(Consumer<EvaluationReport> listener) {
    evaluationListeners.add(listener);
  }

  /**
   * Says where people see the run.
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
    secondsPerStep =
        secondsPerStep == 0
            ? report.seconds()
            : PACE * secondsPerStep + (1 - PACE) * report.seconds();
    Map<String, Object> line = line(report);
    metrics.append(line);
    Map<String, Double> curves = new TreeMap<>();
    line.forEach(
        (key, value) -> {
          if (value instanceof Number number && !key.equals("step") && !key.equals("time")) {
            curves.put(key, number.doubleValue());
          }
        });
    events.scalars(done, curves);
    terminal.progress(done, plan.steps(), done < plan.steps() ? "" : "last evaluation, checkpoint");
    terminal.line(StepLine.of(report, done, plan.steps(), secondsPerStep));
    alarms.step(line);
    meters.step(report);
    state.trained(done, secondsPerStep);
    live.changed();
    stepListeners.forEach(listener -> listener.accept(report));
  }

  private Map<String, Object> line(StepReport report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", done);
    line.put("policy", report.policyVersion());
    line.put("critic", report.criticVersion());
    line.putAll(new TreeMap<>(report.metrics()));
    if (plan.compares()) {
      double share = report.metrics().getOrDefault("reward/zero-variance", Double.NaN);
      line.put("flat-steps", flat.step(share));
    }
    int groups = report.lags().values().stream().mapToInt(Integer::intValue).sum();
    double lags =
        report.lags().entrySet().stream()
            .mapToDouble(e -> (double) e.getKey() * e.getValue())
            .sum();
    line.put("lag/mean", lags / Math.max(1, groups));
    line.put("lag/max", report.lags().isEmpty() ? 0 : report.lags().lastKey());
    new TreeMap<>(report.idle()).forEach((role, share) -> line.put("idle/" + role, share));
    line.put("images", report.images());
    line.put("images-per-second", report.images() / Math.max(1e-9, report.seconds()));
    line.put("groups/admitted", report.counts().admitted());
    line.put("groups/trained", report.counts().trained());
    line.put("groups/dropped", report.counts().dropped());
    line.put("groups/open", report.counts().open());
    line.put("seconds", report.seconds());
    line.put("elapsed", elapsed());
    line.put("time", clock.epochMillis());
    return line;
  }

  private double elapsed() {
    return elapsedBefore + (clock.nanos() - startNanos) / 1e9;
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    folder.requireMine();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", report.step());
    line.put("policyHash", report.policyHash());
    line.put("prompts", plan.measured().key());
    line.putAll(report.result().metrics());
    Optional<Optional<Hacking.Herding>> herding = herding(report);
    herding.ifPresent(flag -> line.put(HERDING, flag.isPresent() ? 1.0 : 0.0));
    line.put("seconds", report.seconds());
    Map<String, Double> curves = new TreeMap<>();
    String tag = plan.measured().key();
    report.result().metrics().forEach((name, value) -> curves.put(tag + "/" + name, value));
    herding.ifPresent(flag -> curves.put(tag + "/" + HERDING, flag.isPresent() ? 1.0 : 0.0));
    events.scalars(report.step(), curves);
    shown.write(report);
    List<String> prompts = report.result().prompts().stream().map(Prompt::text).toList();
    ImageGrid grid = ImageGrid.within(report.result().images(), prompts, ImageGrid.SIDE);
    byte[] png = grid.png();
    Durable.replace(files.grid(report.step()), png, folder.fence());
    // of the pictures of one tag TensorBoard shows a sample, which may leave the first one out
    String pictures = report.step() == 0 ? tag + "/base" : tag;
    events.image(report.step(), pictures, grid.height(), grid.width(), png);
    // last: an evaluation that has its line is not made again
    dropEvaluations(step -> step != report.step());
    try (JsonLines evaluations =
        JsonLines.open(files.evaluations(), kept -> true, folder.fence())) {
      evaluations.append(line);
    }
    terminal.line(EvaluationLine.of(report, plan.measured()));
    alarms.evaluation(line);
    meters.evaluation(report);
    live.changed();
    evaluationListeners.forEach(listener -> listener.accept(report));
  }

  /** Whether all rewards rose up to this evaluation, while the images got worse. */
  private Optional<Optional<Hacking.Herding>> herding(EvaluationReport report) {
    RunCurves curves = RunCurves.read(files);
    curves.evaluations().put(report.step(), report.result().metrics());
    return Hacking.herding(curves, report.step());
  }

  @Override
  public void onRanked(RankedImages images) {
    folder.requireMine();
    write(files.highest(images.step()), "reward/highest", images.step(), images.highest());
    write(files.lowest(images.step()), "reward/lowest", images.step(), images.lowest());
  }

  private void write(Path file, String tag, int step, List<RankedImages.Ranked> ranked) {
    if (ranked.isEmpty()) {
      return; // all images of each prompt got the same
    }
    ImageGrid grid =
        ImageGrid.within(
            Images.concat(ranked.stream().map(RankedImages.Ranked::image).toArray(Images[]::new)),
            ranked.stream()
                .map(r -> String.format(Locale.ROOT, "%.3g %s", r.reward(), r.prompt().text()))
                .toList(),
            ImageGrid.SIDE);
    byte[] png = grid.png();
    Durable.replace(file, png, folder.fence());
    events.image(step, tag, grid.height(), grid.width(), png);
  }

  @Override
  public void onCheckpointDue(StepState state) {
    folder.requireMine();
    Path written;
    try {
      String ledger = Durable.sha256(files.ledger(), state.ledger().journalLength());
      written = checkpoints.save(state, config, ledger, identity);
    } catch (IOException e) {
      folder.requireMine();
      throw new WriteFailedException(files.ledger(), e);
    } catch (WriteFailedException e) {
      folder.requireMine(); // who takes over clears away what is half written
      throw e;
    }
    LOG.info("checkpoint {} is written", written);
  }

  @Override
  public void onReport(String message) {
    LOG.info(message);
    terminal.line(message);
  }

  @Override
  public void onNode(String address, String computing) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("node", address);
    node.put("computing", computing);
    boolean known = Files.exists(files.nodes()) && JsonLines.read(files.nodes()).contains(node);
    if (!known) {
      LOG.info(
          "{} computes with {}", address.isEmpty() ? "this process" : "node " + address, computing);
      try (JsonLines nodes = JsonLines.open(files.nodes(), kept -> true, folder.fence())) {
        nodes.append(node);
      }
    }
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
          summary(finished).write(files.summary(), plan.measured(), folder.fence());
          return finished;
        });
  }

  private RunSummary summary(RunEnd finished) {
    long sampled =
        finished.counts().trained() + finished.counts().dropped() + finished.counts().regenerated();
    long images = sampled * plan.groupSize();
    TreeMap<Integer, Map<String, Object>> evaluations = new TreeMap<>();
    JsonLines.read(files.evaluations()).forEach(line -> evaluations.put(step(line), line));
    Map<String, Object> base = evaluations.getOrDefault(0, Map.of());
    evaluations.remove(finished.steps() > 0 ? 0 : -1); // the base is not what training led to
    Map<String, Object> last =
        evaluations.isEmpty() ? Map.of() : evaluations.lastEntry().getValue();
    return new RunSummary(
        finished.steps(),
        finished.policyHash(),
        finished.criticHash(),
        finished.counts().admitted(),
        finished.counts().trained(),
        finished.counts().dropped(),
        images,
        images / (double) Math.max(1, finished.steps() * plan.updatesPerStep()),
        elapsed(),
        new RunSummary.HeldOut(RunSummary.Measured.of(base), RunSummary.Measured.of(last)));
  }

  /** Whether the run failed. */
  public boolean failed() {
    return end.isCompletedExceptionally();
  }

  @Override
  public void onFailed(Throwable firstCause) {
    LOG.info("the run failed", firstCause); // the caller says so to the user
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
