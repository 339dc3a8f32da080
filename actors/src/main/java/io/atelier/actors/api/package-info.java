/**
 * The way in for programs: {@link io.atelier.actors.api.Atelier} turns a configuration and a reward
 * into a run, {@link io.atelier.actors.api.RunHandle} follows it. The command line uses the same.
 * In an actor system that exists {@code EmbeddedRun} is the run, and a {@link
 * io.atelier.actors.api.RunObserver} is told of it.
 *
 * <p>Before a run begins, {@code api.assembly} makes what the configuration names, {@link
 * io.atelier.actors.api.Identities} finds out what it stands for by content, and {@code api.plan}
 * says what it will take. {@code api.offline} computes outside of a run.
 */
package io.atelier.actors.api;
