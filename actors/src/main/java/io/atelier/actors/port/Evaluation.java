package io.atelier.actors.port;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.models.state.NamedTensors;

/**
 * Measurement of a policy independent of its reward. Samples with its own seeds, the same at every
 * step. Not thread-safe: one compute thread owns it.
 */
public interface Evaluation extends AutoCloseable {

  /** Measures the policy with these published weights; {@code step} only names it in errors. */
  EvaluationReport.Result evaluate(int step, NamedTensors policy);

  @Override
  void close();
}
