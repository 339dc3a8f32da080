/**
 * The way in for programs: {@link io.atelier.actors.api.Atelier} turns a configuration and a reward
 * into a run, {@link io.atelier.actors.api.RunHandle} follows it. The command line uses the same.
 * In an actor system that exists {@code EmbeddedRun} is the run, and a {@link
 * io.atelier.actors.api.RunObserver} is told of it.
 *
 * <p>Before a run begins, {@link io.atelier.actors.api.Assembly} makes what the configuration names
 * ({@code ClipFolders} opens each CLIP once for all rewards on it), {@link
 * io.atelier.actors.api.Identities} finds out what it stands for by content, and {@code RunPlan}
 * says what it will do: {@code MemoryPlan} how much memory it takes, {@link
 * io.atelier.actors.api.VersionSize} whether a version of the weights can be sent and kept, {@code
 * TimePlan} how long a step takes by the {@link io.atelier.actors.api.Speeds} that {@link
 * io.atelier.actors.api.Benchmark} measured.
 */
package io.atelier.actors.api;
