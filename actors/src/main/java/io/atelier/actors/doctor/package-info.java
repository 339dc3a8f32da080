/** Checks between two machines before they work on a run together. */
package io.atelier.actors.doctor;
