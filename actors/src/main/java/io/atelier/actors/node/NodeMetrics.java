package io.atelier.actors.node;

import io.atelier.actors.report.UnansweredException;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.transport.plane.DataPlane;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The figures of a node as Prometheus reads them. Those of the run come from the node that leads it
 * alone, so that sums over all nodes count nothing twice.
 */
final class NodeMetrics implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeMetrics.class);

  private final NodeControl control;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<String, MultiGauge> gauges = new HashMap<>();

  /** Counters of the run's conductor; absent on a node that no longer leads. */
  private final Map<String, Double> totals = new ConcurrentHashMap<>();

  private final Map<String, FunctionCounter> counters = new HashMap<>();
  private final Supplier<Optional<RunMeters>> led;

  /**
   * @param led figures of the run that this node leads, or led last
   */
  NodeMetrics(NodeControl control, DataPlane plane, Supplier<Optional<RunMeters>> led) {
    this.control = control;
    this.led = led;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    Gauge.builder("atelier.blob.bytes", plane.blobs(), blobs -> blobs.held())
        .description("Images, trajectories and features that this node holds")
        .register(registry);
    Gauge.builder("atelier.blob.limit.bytes", plane.blobs(), blobs -> blobs.limit())
        .description("What it may hold of these")
        .register(registry);
    Gauge.builder("atelier.blob.fetched.bytes", plane.blobs(), b -> b.budget().passing())
        .description("What is on its way here, to be read and let go of")
        .register(registry);
    Gauge.builder("atelier.blob.waiting", plane.blobs(), b -> b.budget().waiting())
        .description("What is to be fetched and waits for room")
        .register(registry);
    count("atelier.transport.", plane, DataPlane::counters);
    count("aeron.", plane, DataPlane::driverCounters);
  }

  /** The registry holds {@code plane} weakly; the node keeps it alive. */
  private void count(
      String prefix, DataPlane plane, Function<DataPlane, Map<String, Long>> counters) {
    for (String name : counters.apply(plane).keySet()) {
      FunctionCounter.builder(
              prefix + name.replace('-', '.'), plane, p -> counters.apply(p).get(name))
          .register(registry);
    }
  }

  /** All figures, in Prometheus' text format. */
  synchronized String scrape() {
    RunRows rows = new RunRows();
    rows.members(control.members());
    String run = "";
    try {
      if (control.leads()) {
        run = led.get().map(RunMeters::scrape).orElse("");
        rows.run(control.status());
      }
    } catch (UnansweredException e) {
      LOG.info("no figures of the run: {}", e.getMessage());
    }
    // a gauge that gets no rows now had something to say before
    gauges.forEach((name, gauge) -> gauge.register(List.of(), true));
    rows.all()
        .forEach(
            (name, some) ->
                gauges
                    .computeIfAbsent(name, n -> MultiGauge.builder(n).register(registry))
                    .register(some, true));
    totals.putAll(rows.totals());
    counters.keySet().removeIf(name -> !rows.totals().containsKey(name) && removed(name));
    rows.totals().keySet().forEach(name -> counters.computeIfAbsent(name, this::total));
    return registry.scrape() + run;
  }

  private boolean removed(String name) {
    registry.remove(counters.get(name));
    return true;
  }

  private FunctionCounter total(String name) {
    return FunctionCounter.builder(name, totals, all -> all.get(name)).register(registry);
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
