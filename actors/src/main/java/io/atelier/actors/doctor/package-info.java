/** What one machine finds out about another one before they work on a run together. */
package io.atelier.actors.doctor;
