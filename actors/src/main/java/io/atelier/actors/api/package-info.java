/**
 * The way in for programs: {@link io.atelier.actors.api.Atelier} turns a configuration and a reward
 * into a run, {@link io.atelier.actors.api.RunHandle} follows it. The command line uses the same.
 */
package io.atelier.actors.api;
