package io.atelier.actors.ledger.model;

/**
 * How far a worker is, as a heartbeat of its node says.
 *
 * @param order the largest order it has seen, of any conductor; 0 if none
 * @param working whether it is still at it
 */
public record WorkerState(WorkerId id, long order, boolean working) {}
