package io.atelier.actors;

/**
 * An evaluation that is done.
 *
 * @param step updates that the policy had seen
 * @param policyHash content hash of what was evaluated
 * @param result what came out
 * @param seconds how long it took
 */
public record EvaluationReport(
    int step, String policyHash, Evaluation.Result result, double seconds) {}
