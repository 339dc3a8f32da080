/**
 * What a run records step by step: {@code metrics.jsonl} ({@link StepLine}), {@code groups.jsonl}
 * ({@link GroupFile}), {@code evaluations.jsonl} ({@link EvaluationLine}), {@code nodes.jsonl}
 * ({@link NodeFile}), events for TensorBoard ({@link EventFile}) and the trace for Perfetto ({@link
 * TraceFile}).
 *
 * <p>Conclusions are drawn in {@code run.alarm}, not here.
 */
package io.atelier.actors.run.metrics;
