/**
 * What is computed outside of a run: advantages of a ledger once more ({@link AdvantageAudit}), a
 * critic looked at by hand ({@link CriticAudit}), the best of several images ({@link BestOfRuns}),
 * and trials of artifact rewards and self-training.
 */
package io.atelier.actors.api.offline;
