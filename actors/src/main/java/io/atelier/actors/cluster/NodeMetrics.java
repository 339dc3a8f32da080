package io.atelier.actors.cluster;

import io.atelier.actors.UnansweredException;
import io.atelier.actors.transport.DataPlane;
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
import java.util.function.Function;
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

  NodeMetrics(NodeControl control, DataPlane plane) {
    this.control = control;
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
    count("atelier.transport.", plane, DataPlane::counters);
    count("aeron.", plane, DataPlane::driverCounters);
  }

  /** The registry holds {@code plane} weakly; the node has it as long as it lives. */
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
    try {
      if (control.leads()) {
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
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
