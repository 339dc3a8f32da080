/**
 * What actors need from outside, as interfaces with their simplest implementation: the clock,
 * {@link io.atelier.actors.port.Transport}, prompts, an evaluation, and a listener of the run
 * ({@link io.atelier.actors.port.RunListener}). {@link io.atelier.actors.port.Compute} creates the
 * objects that compute.
 */
package io.atelier.actors.port;
