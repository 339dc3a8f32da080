/**
 * What the ledger is told ({@link Event}), and what it wants done ({@link Effect}). A record of
 * either has one method in {@link EventHandler} or {@link EffectHandler}, so one that is not
 * handled does not compile.
 */
package io.atelier.actors.ledger.event;
