package io.atelier.actors.run.record;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.alarm.Alarms;
import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.metrics.GroupFile;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * The metrics of a run for Prometheus, from the writer of its folder: the single process or the
 * leading node. Names of measurements are those of {@code metrics.jsonl} and {@code
 * evaluations.jsonl}. Thread-safe.
 */
public final class RunMeters {

  /** Content type of {@link #scrape}. */
  public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Prefixes of the names of a step's measurements. */
  private static final List<String> MEASURED = List.of("reward", "critic", "policy");

  /** Upper bounds of the buckets of a histogram, in seconds. */
  private static final double[] SECONDS = {
    0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MeasuredPrompts prompts;
  private final Supplier<List<Alarm>> alarms;
  private final Counter images = Counter.builder("atelier.images").register(registry);
  private final Timer steps = timer("atelier.step.duration", Tags.empty());
  private final Timer evaluations = timer("atelier.evaluation.duration", Tags.empty());
  private final MultiGauge idle = MultiGauge.builder("atelier.idle.share").register(registry);
  private final Map<String, MultiGauge> families = new HashMap<>();
  private final MultiGauge measured = MultiGauge.builder("atelier.evaluation").register(registry);
  private final MultiGauge raised = MultiGauge.builder("atelier.alarm").register(registry);
  private volatile int trained;
  private volatile int evaluated;
  private volatile StepReport last;

  /**
   * @param planned steps of the whole run
   * @param trained steps trained so far
   * @param prompts the prompts that evaluations measure
   * @param alarms the alarms that are raised
   */
  RunMeters(int planned, int trained, MeasuredPrompts prompts, Supplier<List<Alarm>> alarms) {
    this.trained = trained;
    this.prompts = prompts;
    this.alarms = alarms;
    Gauge.builder("atelier.steps.planned", () -> planned).register(registry);
    for (String family : MEASURED) {
      families.put(family, MultiGauge.builder("atelier." + family).register(registry));
    }
    FunctionCounter.builder("atelier.steps.trained", this, m -> m.trained).register(registry);
  }

  private Timer timer(String name, Tags tags) {
    return Timer.builder(name)
        .tags(tags)
        .serviceLevelObjectives(
            DoubleStream.of(SECONDS).mapToObj(RunMeters::duration).toArray(Duration[]::new))
        .register(registry);
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  void group(TrainedGroup group) {
    GroupFile.seconds(group.trace())
        .forEach(
            (part, seconds) ->
                timer("atelier.group.duration", Tags.of("part", part)).record(duration(seconds)));
  }

  void step(StepReport report) {
    boolean first = last == null;
    last = report;
    trained = report.step() + 1;
    images.increment(report.images());
    steps.record(duration(report.seconds()));
    report
        .lags()
        .forEach(
            (lag, groups) ->
                registry
                    .counter("atelier.lag.groups", "lag", Integer.toString(lag))
                    .increment(groups));
    idle.register(rows("role", report.idle()), true);
    for (String family : MEASURED) {
      Map<String, Double> values = new TreeMap<>();
      report
          .metrics()
          .forEach(
              (name, value) -> {
                if (name.startsWith(family + "/")) {
                  values.put(name.substring(family.length() + 1), value);
                }
              });
      families.get(family).register(rows("name", values), true);
    }
    if (first) { // before it they would be 0, which is wrong for a resumed run
      count("admitted", m -> m.last.counts().admitted());
      count("trained", m -> m.last.counts().trained());
      count("dropped", m -> m.last.counts().dropped());
      count("regenerated", m -> m.last.counts().regenerated());
      count("released", m -> m.last.counts().released());
      count("discarded", m -> m.last.counts().discarded());
    }
  }

  private void count(String what, ToDoubleFunction<RunMeters> groups) {
    FunctionCounter.builder("atelier.groups", this, groups).tag("what", what).register(registry);
  }

  void evaluation(EvaluationReport report) {
    boolean first = evaluations.count() == 0;
    evaluations.record(duration(report.seconds()));
    evaluated = report.step();
    measured.register(rows("name", report.result().metrics(), "prompts", prompts.key()), true);
    if (first) {
      Gauge.builder("atelier.evaluation.step", () -> evaluated).register(registry);
    }
  }

  /** A row per value, with its name as a tag. */
  private static List<Row<?>> rows(String tag, Map<String, Double> values, String... more) {
    return values.entrySet().stream()
        .<Row<?>>map(e -> Row.of(Tags.of(tag, e.getKey()).and(more), e.getValue()))
        .toList();
  }

  /** All metrics, in the text format of Prometheus. */
  public synchronized String scrape() {
    Map<String, Double> all = new TreeMap<>();
    Alarms.NAMES.forEach(name -> all.put(name, 0.0));
    alarms.get().forEach(alarm -> all.put(alarm.name(), 1.0));
    raised.register(rows("name", all), true);
    return registry.scrape();
  }
}
