/**
 * Plans a run before it starts: memory and time ({@link MemoryPlan}, {@link TimePlan}, both in
 * {@link RunPlan}), measurements ({@link Benchmark}, {@link Speeds}), and keys without effect
 * ({@link UnreadKeys}).
 */
package io.atelier.actors.api.plan;
