/**
 * What actors need from outside, as interfaces with their plainest implementation: the clock,
 * {@link io.atelier.actors.port.Transport}, prompts, an evaluation, and who is told of the run
 * ({@link io.atelier.actors.port.RunListener}). {@link io.atelier.actors.port.Compute} makes the
 * objects that compute.
 */
package io.atelier.actors.port;
