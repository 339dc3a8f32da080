/**
 * The one actor that sequences a run. {@link io.atelier.actors.conductor.Conductor} turns messages
 * into events of the {@link io.atelier.actors.ledger.Ledger}, and its effects into messages: {@link
 * io.atelier.actors.conductor.Roster} knows to whom, {@link io.atelier.actors.conductor.Landing}
 * copies here what the learners need, {@link io.atelier.actors.conductor.Scribe} writes the
 * journal, {@link io.atelier.actors.conductor.Gallery} fetches pictures. What is told of a step
 * comes together in {@link io.atelier.actors.conductor.StepReports}.
 */
package io.atelier.actors.conductor;
