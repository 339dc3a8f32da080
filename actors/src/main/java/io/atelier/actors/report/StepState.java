package io.atelier.actors.report;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.models.state.NamedTensors;
import java.util.SortedMap;

/**
 * Everything that a run needs to resume bit for bit, at a step boundary.
 *
 * @param step steps trained so far
 * @param policy {@link io.atelier.learner.Policy#state()} after {@code step} updates, and the state
 *     of a reward graph
 * @param critic {@link io.atelier.reward.adversarial.Critic#state()} after {@code step} updates; no
 *     tensors without a critic
 * @param policyVersions published weights that open groups still need, by version: the last K + 1
 * @param criticVersions the same for the critic
 * @param ledger groups, counters, hashes and the length of the journal
 */
public record StepState(
    int step,
    NamedTensors policy,
    NamedTensors critic,
    SortedMap<Long, NamedTensors> policyVersions,
    SortedMap<Long, NamedTensors> criticVersions,
    LedgerSnapshot ledger) {}
