package io.atelier.actors.report;

import io.atelier.actors.ledger.model.Counts;

/**
 * How a run ended.
 *
 * @param steps steps trained
 * @param stopped whether it was asked to stop before its last step
 * @param policyHash content hash of the last policy version
 * @param criticHash content hash of the last critic version
 * @param counts of groups by what became of them
 */
public record RunEnd(
    int steps, boolean stopped, String policyHash, String criticHash, Counts counts) {}
