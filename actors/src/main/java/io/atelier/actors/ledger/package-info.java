/**
 * Who works on which group with which weights: a pure state machine ({@link
 * io.atelier.actors.ledger.Ledger}) that takes events and returns effects, and the journal it
 * leaves in the run folder. No actor, clock or I/O but for {@link
 * io.atelier.actors.ledger.journal.LedgerFile}.
 *
 * <p>The life of a group. States are those of {@code Group.Stage}; beside an arrow stands the event
 * that moves it, or the method by which the ledger does, and on the right the effect that follows:
 *
 * <pre>{@code
 * (none)
 *   │ Steps.admit: a slot is free                                     Admit
 * ADMITTED ◄────────────────────────────────────────────────────────────────┐
 *   │ Assignment: an idle worker holds the version                 Generate │
 * GENERATING ─ WorkerLost, Released, the lease is over ───────────── Revoke ┤
 *   │ Generated                                                             │
 * GENERATED ◄─ ScoreLater, WorkerLost, Released, the lease is over ─┐       │
 *   │ Assignment: an idle worker holds the version            Score │        │
 * SCORING ─────────────────────────────────────────────────────────┘        │
 *   ├─ ImagesGone ───────────────────────────────────────────────── Release ┤
 *   │ Scored                                                           Land │
 * SCORED ── NotLanded ───────────────────────────────────────────── Release ┘
 *   │ Landed: what training needs is at the conductor's node
 * LANDED
 *   │ Steps.train: all groups of the next step are landed             Train
 * TRAINING
 *   │ PolicyTrained and CriticTrained              Write, StepDone, Release
 * (trained)
 *
 * Unscorable, or a flat group that is to be replaced: Write(Dropped), and the same
 * GroupId goes on with its next attempt, which has another prompt, as ADMITTED.
 * }</pre>
 *
 * <p>From any state before TRAINING a group goes back to ADMITTED when the node is lost that has
 * what was made of it ({@code NodeLost}), and in a free-running schedule when its policy version
 * has become too old ({@code Steps.redoStale}); with a critic version that is too old, to
 * GENERATED.
 *
 * <p>Rooms below: {@code ledger.model} values, {@code ledger.journal} what is written down, {@code
 * ledger.event} what comes in and goes out, {@code ledger.state} what is known at a moment. In this
 * room it is decided what follows.
 *
 * <p>Who decides what: {@code LedgerEvents} hands each event to its handler. {@code Staff} knows
 * workers, nodes and leases ({@code Crew}, {@code Nodes}); {@code GroupEvents} what happens to
 * groups until they are trained; {@code Steps} admits, trains, checkpoints and ends; {@code
 * Evaluations} asks for measurements; {@code Assignment} gives work to whoever is idle; {@code
 * Watchdog} says when nothing moves. All share {@code Books}.
 */
package io.atelier.actors.ledger;
