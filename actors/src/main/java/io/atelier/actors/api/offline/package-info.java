/**
 * Computations outside of a run: an audit of a ledger's advantages ({@link AdvantageAudit}), an
 * audit of a critic ({@link CriticAudit}), the best of several images ({@link BestOfRuns}), and
 * training of artifact rewards and self-training.
 */
package io.atelier.actors.api.offline;
