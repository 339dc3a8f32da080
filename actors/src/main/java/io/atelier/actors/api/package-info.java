/**
 * The API for programs: {@link io.atelier.actors.api.Atelier} turns a configuration and a reward
 * into a run, {@link io.atelier.actors.api.RunHandle} follows it. The command line uses the same
 * API. In an existing actor system {@code EmbeddedRun} is the run, and a {@link
 * io.atelier.actors.api.RunObserver} receives its events.
 *
 * <p>Before a run begins, {@code api.assembly} creates the objects that the configuration names,
 * {@link io.atelier.actors.api.Identities} computes what it stands for by content, and {@code
 * api.plan} estimates memory and time. {@code api.offline} computes outside of a run.
 */
package io.atelier.actors.api;
