/**
 * What a run writes down step by step: {@code metrics.jsonl} ({@link StepLine}), {@code
 * groups.jsonl} ({@link GroupFile}), {@code evaluations.jsonl} ({@link EvaluationLine}), {@code
 * nodes.jsonl} ({@link NodeFile}), events for TensorBoard ({@link EventFile}) and the trace for
 * Perfetto ({@link TraceFile}).
 *
 * <p>Nothing here draws a conclusion; that is done in {@code run.alarm}.
 */
package io.atelier.actors.run.metrics;
